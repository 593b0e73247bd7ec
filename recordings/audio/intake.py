"""Takes a sound file in, once: the same bytes are the same recording, whoever brings them and however often."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from sqlalchemy import ColumnElement, Engine, exists, false, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from recordings.announce import ANNOUNCED_SECONDS
from recordings.audio_store import AudioStore
from recordings.contacts.call import Recording, RecordingState
from recordings.database import insert_once, reading, transaction
from recordings.errors import ConsentRefused, SoundErased
from recordings.privacy.erasure import is_erased
from recordings.rows import recording_of
from recordings.tables import CallRow, RecordingRow
from speech.audio.audio import LONGEST, measure_sound

log = logging.getLogger(__name__)


def register(
    engine: Engine,
    store: AudioStore,
    path: Path,
    *,
    filename: str,
    language: str,
    call_id: str | None = None,
    longest: float = LONGEST,
) -> tuple[Recording, bool]:
    """Keep the file's bytes and write its row; the file itself stays where it is.

    Args:
        engine: Where the row goes.
        store: Where the bytes go.
        path: The file.
        filename: Name it came with, for people.
        language: Spoken in it.
        call_id: The call it is the sound of; None for an import.
        longest: Seconds above which it is refused. One above ``LONGEST`` is kept, and set aside by the workers with
            that reason.

    Returns:
        The recording, and whether it is new. A file that came before, by import, is tied to the call it is now said to
        be of; a call that has its recording keeps that one.

    Raises:
        AudioFormatError: not sound, or nothing of it can be decoded; nothing was stored.
        ConsentRefused: the caller of this call refused to be recorded; nothing was stored.
        SoundErased: it is the sound of somebody whose data was erased; nothing was stored.
        OSError: the file cannot be read or the store cannot take it; nothing was registered.
    """
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    with reading(engine) as db:
        _refuse_without_consent(db, call_id)
        _refuse_erased(db, sha256, call_id)
        known = db.scalar(select(RecordingRow).where(RecordingRow.sha256 == sha256))
    if known and (call_id is None or known.call_id == call_id):
        return recording_of(known), False

    sound = measure_sound(path, longest=longest)
    now = datetime.now(UTC)
    key = f"{now:%Y/%m}/{sha256}{_ending(filename)}"
    if not known:
        store.put(key, path)
    with _nothing_kept_after_refusal(engine, store, key), transaction(engine) as db:
        _refuse_without_consent(db, call_id)
        created = insert_once(
            db,
            RecordingRow,
            {
                "id": str(uuid4()),
                "sha256": sha256,
                "key": key,
                "filename": filename.encode("utf-8", "replace").decode(),  # names on a disk may be no text
                "call_id": call_id,
                "language": language,
                "duration": sound.duration,
                "rate": sound.rate,
                "channels": sound.channels,
                "size": path.stat().st_size,
                "created_at": now,
                "state": RecordingState.REGISTERED,
                "due_at": now + timedelta(seconds=ANNOUNCED_SECONDS),
            },
        )
        _refuse_erased(db, sha256, call_id)  # after the insert: it has waited for an erasure of the same bytes
        if not created and call_id is not None:
            free = (RecordingRow.sha256 == sha256, RecordingRow.call_id.is_(None))
            taken = exists().where(_of_call(call_id)).correlate(None)
            db.execute(update(RecordingRow).where(*free, ~taken).values(call_id=call_id))
        rows = db.scalars(select(RecordingRow).where(or_(RecordingRow.sha256 == sha256, _of_call(call_id)))).all()
    if not known and all(row.key != key for row in rows):
        store.delete(key)  # the call has another recording already
    row = next((row for row in rows if call_id and row.call_id == call_id), rows[0])
    if not created:
        log.info("the file is known already as recording %s", row.id)
    return recording_of(row), created


@contextmanager
def _nothing_kept_after_refusal(engine: Engine, store: AudioStore, key: str) -> Iterator[None]:
    """Deletes the sound again where the caller refused, or was erased, while it was being stored; not one that was
    there before."""
    try:
        yield
    except (ConsentRefused, SoundErased, IntegrityError):
        with reading(engine) as db:
            kept = db.scalar(select(RecordingRow.id).where(RecordingRow.key == key))
        if not kept:
            store.delete(key)
        raise


def _refuse_without_consent(db: Session, call_id: str | None) -> None:
    if call_id and db.scalar(select(CallRow.consent).where(CallRow.id == call_id)) is False:
        raise ConsentRefused(f"the caller of call {call_id} refused to be recorded: delete the sound")


def _refuse_erased(db: Session, sha256: str, call_id: str | None) -> None:
    if is_erased(db, sha256, call_id):
        raise SoundErased("this sound belongs to somebody whose data was erased: delete the file")


def _of_call(call_id: str | None) -> ColumnElement[bool]:
    return RecordingRow.call_id == call_id if call_id else false()


def _ending(filename: str) -> str:
    ending = Path(filename).suffix.lower()
    return ending if re.fullmatch(r"\.[a-z0-9]{1,8}", ending) else ""
