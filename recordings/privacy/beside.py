"""What lies beside the tables: call logs put aside, rendered phrases, logs, kept models, temporary folders, and any
other file of home.

A command sees the files of the machine it runs on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from recordings.privacy.dialplan_notes import forget_notes, is_note
from recordings.privacy.settings import PrivacySettings
from recordings.privacy.spellings import Spellings
from speech.models.kept import KNOWLEDGE, list_kept
from speech.temporary_folders import forget_left_folders, left_folders

CHUNK = 1 << 20
"""Bytes of a file that are looked at together."""
OVERLAP = 256
"""Bytes that are looked at again with the next ones."""
NOT_READ = frozenset({"asterisk", "backups", "docs", "models", "prompts", "recordings", "stamps"})
"""Folders of home that hold programs, backups (a restore erases again), our manual with its example numbers, weights
and sound: names in the store are read from it, rendered phrases and models trained here are told by their times."""
NO_TEXT = frozenset({".wav", ".gz", ".db", ".db-wal", ".db-shm", ".sqlite3"})
"""Sound, and databases, which are searched as such. Of a packed log only the name is read: it is deleted by age."""

ASTERISK = "asterisk"
"""Place of what lies with Asterisk: sound and notes of erased calls."""

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """What was found and deleted beside the tables."""

    calls: tuple[str, ...]
    """Calls whose entries had never reached the database."""
    notes: int
    prompts: int


def forget_beside(
    settings: PrivacySettings, spelled: Sequence[Spellings], calls: Sequence[str], spans: Sequence[Span]
) -> Forgotten:
    """Delete the entries put aside and the notes with Asterisk of these calls and of any that names the person, the
    phrases rendered within the spans, left temporary folders; put stars over the person in the logs.
    """
    notes = {settings.notes_dir / f"{call}{ending}" for call in calls for ending in (".jsonl", ".fresh")}
    notes = {path for path in notes if path.exists()}
    for path in _files(settings.notes_dir):
        if any(next(_places(path, one), None) for one in spelled):
            notes.add(path)
    for path in notes:
        path.unlink(missing_ok=True)
    prompts = 0
    for path in settings.prompts_dir.rglob("*.wav") if spans else ():
        rendered = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        if any(start <= rendered <= end for start, end in spans):
            path.unlink(missing_ok=True)
            prompts += 1
    for path in {*_files(settings.logs_dir), *filter(_is_log, _files(settings.searched_dir, without=NOT_READ))}:
        for one in spelled:
            _blacken(path, one)
    forget_left_folders()
    with_asterisk = forget_notes(settings.spool_dir, spelled, frozenset(calls))
    unwritten = {path.name.removesuffix(path.suffix) for path in notes}.union(with_asterisk) - set(calls)
    return Forgotten(calls=tuple(sorted(unwritten)), notes=len(notes) + len(with_asterisk), prompts=prompts)


def forget_models(settings: PrivacySettings, since: datetime) -> int:
    """Delete the models that were trained here since that moment, when a phrase was among what they learned: they hold
    its words, and are learned again without it. Vectors of articles hold no phrase of a caller.
    """
    gone = 0
    for model in list_kept(settings.models_dir):
        with suppress(FileNotFoundError):  # another process forgets models, too
            if model.kind != KNOWLEDGE and datetime.fromtimestamp(model.path.stat().st_mtime, UTC) >= since:
                model.path.unlink()
                gone += 1
    return gone


def traces_in_files(spelled: Spellings, settings: PrivacySettings) -> Iterator[str]:
    """For each file that names the person, the folder of home it lies in, ``asterisk`` for notes with Asterisk; for
    each temporary folder that a process left behind when it was killed, ``tmp``: nobody can read what is packed there.
    """
    seen: set[Path] = set()
    for folder in (settings.notes_dir, settings.logs_dir, settings.spool_dir, settings.searched_dir):
        for path in _files(folder, without=NOT_READ if folder == settings.searched_dir else ()):
            if path in seen:
                continue
            seen.add(path)
            if spelled.stands_in(path.name) or next(_places(path, spelled), None):
                if is_note(path):
                    yield ASTERISK
                    continue
                inside = path.relative_to(folder).parts
                yield folder.name if folder != settings.searched_dir else inside[0]
    yield from ("tmp" for _ in left_folders())


def _files(folder: Path, *, without: Collection[str] = ()) -> Iterator[Path]:
    """Files at any depth, but for those of some folders."""
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.is_symlink() or path.name in without:
            continue
        if path.is_dir():
            yield from _files(path)
        elif path.is_file():
            yield path


def _is_log(path: Path) -> bool:
    """Whether another part writes it for people, as Asterisk does; also one that was put aside by date or number."""
    return ".log" in path.suffixes


def _places(path: Path, spelled: Spellings) -> Iterator[tuple[int, int]]:
    """Where the file names the person, by bytes."""
    if path.suffix in NO_TEXT or path.name.startswith("otklik.db"):
        return
    try:
        with path.open("rb") as file:
            at, kept = 0, b""
            while chunk := file.read(CHUNK):
                body = kept + chunk
                whole = len(chunk) < CHUNK
                for start, end in spelled.places_in_bytes(body):
                    if whole or end < len(body) - OVERLAP // 2:  # else it is looked at again, with what follows
                        yield at - len(kept) + start, at - len(kept) + end
                at, kept = at + len(chunk), body[-OVERLAP:]
    except (FileNotFoundError, PermissionError):
        return  # another process was faster, or it is not ours


def _blacken(path: Path, spelled: Spellings) -> None:
    """Write over the person in place, so that who appends to the file meanwhile is not disturbed."""
    places = list(_places(path, spelled))
    if not places:
        return
    with path.open("r+b") as file:
        for start, end in places:
            file.seek(start)
            file.write(b"*" * (end - start))
