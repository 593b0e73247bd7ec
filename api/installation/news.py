"""What the console tells of the parts while they run, read out of supervisord's own log."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

AGAIN_AND_AGAIN = 3
"""Failed starts in a row after which a part's last lines are shown."""
LINE = re.compile(r"^[\d-]+ [\d:,]+ \w+ (?P<what>exited|stopped|spawned|success|spawnerr): (?P<rest>.*)$")
ENDED = re.compile(r"^(?P<part>\S+) \((?P<how>.+?)(?:; (?:not )?expected)?\)$")
KILLED = re.compile(r"^[\d-]+ [\d:,]+ \w+ killing '(?P<part>[^']+)' \(\d+\) with SIGKILL$")


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """One thing to tell."""

    part: str
    text: str
    bad: bool = False
    desperate: bool = False
    """Whether the part has failed so often that its last lines should be shown."""


@dataclass(slots=True, kw_only=True)
class Watched:
    """What is known of the parts so far."""

    running: set[str] = field(default_factory=set)
    """Parts that have lived longer than their start takes."""
    failures: dict[str, int] = field(default_factory=dict)
    """Part → starts in a row that failed."""
    ended: set[str] = field(default_factory=set)
    """Parts that were told to have ended."""

    def failing(self) -> set[str]:
        """Parts that end each time they are started."""
        return {part for part, count in self.failures.items() if count >= AGAIN_AND_AGAIN}

    def tell(self, line: str) -> News | None:
        """What a line of the log means to somebody who looks on."""
        if killed := KILLED.match(line):
            return News(part=killed["part"], text="does not end by itself: killed", bad=True)
        matched = LINE.match(line)
        if matched is None:
            return None
        what, rest = matched["what"], matched["rest"]
        if what == "spawned":
            part = rest.split("'")[1]
            if part not in self.ended:
                return None
            self.ended.discard(part)
            return News(part=part, text="started again")
        if what == "success":
            part = rest.split()[0]
            self.running.add(part)
            return News(part=part, text="runs again") if self.failures.pop(part, 0) >= AGAIN_AND_AGAIN else None
        if what == "spawnerr":
            return News(part="", text=f"a part cannot be started: {rest}", bad=True)
        ended = ENDED.match(rest)
        return self._ended(ended["part"], ended["how"], ordered=what == "stopped") if ended else None

    def _ended(self, part: str, how: str, *, ordered: bool) -> News:
        ran = part in self.running
        self.running.discard(part)
        self.ended.add(part)
        if ordered:
            return News(part=part, text="stopped, as it was told to")
        if ran:
            self.failures[part] = 0
            return News(part=part, text=f"ended ({how}); it is started again at once, the others go on", bad=True)
        self.failures[part] = count = self.failures.get(part, 0) + 1
        text = f"ended soon after its start ({how}); again in {count} s, the others go on"
        if count >= AGAIN_AND_AGAIN:
            text = f"ended {count} times soon after its start ({how}); again in {count} s, the others go on"
        return News(part=part, text=text, bad=True, desperate=count == AGAIN_AND_AGAIN)


@dataclass(slots=True, kw_only=True)
class Tail:
    """The lines that come to a file that is rotated: put aside and begun anew."""

    path: Path
    at: int = 0
    inode: int = 0

    def to_end(self) -> None:
        """Skip what is there already."""
        if self.path.exists():
            about = self.path.stat()
            self.at, self.inode = about.st_size, about.st_ino

    def lines(self) -> Iterator[str]:
        """The whole lines since last time; those of a file put aside in the same moment are lost."""
        try:
            with self.path.open("rb") as file:
                about = os.fstat(file.fileno())
                if about.st_ino != self.inode or about.st_size < self.at:
                    self.at, self.inode = 0, about.st_ino
                file.seek(self.at)
                text = file.read()
        except FileNotFoundError:
            return
        whole = text[: text.rfind(b"\n") + 1]
        self.at += len(whole)
        yield from whole.decode(errors="replace").splitlines()
