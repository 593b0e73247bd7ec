"""Notes of calls that the dialplan leaves beside Asterisk's sound, where its spool is on this machine.

They hold the caller's number, and lie there until a robot has taken them (``ivr/call/notes.py``, which names their
fields): one that is not running takes none.
"""

from __future__ import annotations

import re
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from recordings.privacy.person import LIVE
from recordings.privacy.spellings import Spellings

NOTE = re.compile(r"^note-(?P<call>.+)\.sln$")
ENDED = 2
"""Place of the field that is empty while the call goes on."""


def forget_notes(spool: Path, spelled: Sequence[Spellings], calls: Collection[str]) -> list[str]:
    """Delete the notes of these calls and those that name one of the people, with the sound of their calls; tells
    whose. A call that goes on keeps its note: Asterisk writes it anew at the end.
    """
    gone = []
    for call, path, text in _notes(spool):
        if call in calls or any(one.stands_in(text) for one in spelled):
            if _goes_on(path, text):
                continue
            path.unlink(missing_ok=True)
            for side in ("in", "out"):
                path.with_name(f"call-{call}-{side}.wav").unlink(missing_ok=True)
            gone.append(call)
    return gone


def is_note(path: Path) -> bool:
    return NOTE.match(path.name) is not None


def _notes(spool: Path) -> Iterator[tuple[str, Path, str]]:
    for path in sorted(spool.iterdir()) if spool.is_dir() else ():
        if (named := NOTE.match(path.name)) and path.is_file() and not path.is_symlink():
            with suppress(FileNotFoundError, PermissionError):  # a robot was faster, or it is not ours
                yield named["call"], path, path.read_text(encoding="utf-8", errors="replace")


def _goes_on(path: Path, text: str) -> bool:
    fields = text.strip().split("|")
    with suppress(FileNotFoundError):
        young = time.time() - path.stat().st_mtime < LIVE.total_seconds()
        return young and len(fields) > ENDED and not fields[ENDED]
    return False
