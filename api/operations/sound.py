"""The sound of a call: the copy that everyone hears, made when somebody first asks and then kept, and the original."""

from __future__ import annotations

import threading
from pathlib import PurePath

from sqlalchemy import Engine

from analytics.pipeline.redacting import redact_stored
from api.kit.sound_file import SoundFile
from recordings.audio_store import AudioStore, recorded_key
from recordings.contacts.call import Recording
from recordings.database import reading, transaction
from recordings.errors import RecordingsError, SoundErased
from recordings.privacy import audit
from recordings.redaction.redacted import shown_filename
from recordings.redaction.redactions import PrivateSounds, keep_sound, private_sounds
from speech.audio.audio import read_sound, write_wav
from speech.audio.muting import mute
from speech.temporary_folders import temporary_folder

_making = threading.Lock()
"""One copy at a time in this process: an hour of sound takes memory. Two processes make the same bytes."""


class NotRedacted(RecordingsError):
    """The recording is not transcribed yet, so nobody knows what is private in it."""

    code = "not_redacted"


def original_sound(engine: Engine, recording: Recording, *, by: str) -> SoundFile:
    """The sound as it was recorded. That somebody listens to it is written down, so no browser may keep it.

    Raises:
        SoundMissing: there is none.
    """
    key = recorded_key(recording.key)
    with transaction(engine) as db:
        audit.note_once(db, by, "original.heard", recording.call_id or recording.id)
    return SoundFile(key=key, filename=recording.filename, etag=f'"{recording.sha256}"', kept=False)


def redacted_sound(engine: Engine, store: AudioStore, recording: Recording) -> SoundFile:
    """The copy of a recording with the private parts put out.

    Raises:
        NotRedacted: nobody knows yet what is private in it.
        SoundErased: the person was erased meanwhile.
        SoundMissing: the store has lost the sound.
    """
    private = _private(engine, recording.id)
    if private is None and redact_stored(engine, recording.id):  # transcribed before there were redactions
        private = _private(engine, recording.id)
    if private is None:
        raise NotRedacted(
            "The recording is still being redacted: its sound can be heard when its words are transcribed."
        )
    key = private.sound_key or _made(engine, store, recording, private)
    name = str(PurePath(shown_filename(recording.filename, recording.call_id)).with_suffix(".wav"))
    return SoundFile(key=key, filename=name, etag=f'"{recording.sha256[:16]}-{private.redaction_id}"', kept=True)


def _private(engine: Engine, recording_id: str) -> PrivateSounds | None:
    with reading(engine) as db:
        return private_sounds(db, recording_id)


def _made(engine: Engine, store: AudioStore, recording: Recording, private: PrivateSounds) -> str:
    """Make the copy and keep it beside the sound; where nothing is private it is the sound itself."""
    if not private.spans:
        return recorded_key(recording.key)
    key = f"{recorded_key(recording.key)}.{private.redaction_id}.wav"
    with _making:
        now = _private(engine, recording.id)  # another thread may have made it meanwhile
        if now is not None and now.sound_key:
            return now.sound_key
        with store.open(recording.key) as file:
            sound = read_sound(file)
        with temporary_folder("sound") as folder:
            copy = folder / "muted.wav"
            write_wav(copy, mute(sound, private.spans))
            store.put(key, copy)
    with transaction(engine) as db:
        kept = keep_sound(db, private.redaction_id, key)
    if not kept:  # the person was erased meanwhile
        store.delete(key)
        raise SoundErased("The recording has just been erased.")
    return key
