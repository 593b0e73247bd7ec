"""RecordingsError
├── ConsentRefused   the caller refused to be recorded: the sound must not be kept
└── SoundMissing     the store has no sound under the key; a person decides
"""

from __future__ import annotations


class RecordingsError(Exception):
    """Root of what goes wrong between a sound file and its row. ``str()`` says what, where and what to do."""

    code = "recordings"
    retryable = False


class ConsentRefused(RecordingsError):
    code = "consent_refused"


class SoundMissing(RecordingsError):
    code = "sound_missing"
