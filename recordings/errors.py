"""RecordingsError
├── BackupDamaged    a backup's file is missing, changed or of a newer Otklik; nothing is restored from it
├── CallGoesOn       somebody talks with this person now: nothing is erased under them; ask again after the call
├── ConsentRefused   the caller refused to be recorded: the sound must not be kept
├── ExportTooLarge   more rows than the wanted kind of file holds; another kind or a shorter time does
├── NotAPhone        what should be a telephone number is none
├── NotEmpty         there is something where a backup was to be restored; nothing was touched
├── PolicyWrong      the file of retention periods has a mistake; nothing is deleted by it
├── SchemaUnfit      the database is of a newer Otklik, or a copy that is not whole; says what to do
├── SoundErased      the sound belongs to somebody whose data was erased: it must not come back
├── SoundMissing     the store has no sound under the key; a person decides
├── StoreUnavailable the store of sound failed in a way of its own, or did not answer in time; also an OSError
├── ThreadsBusy      no thread is free for it and too much waits already; also a TimeoutError
└── UnderHold        a legal hold forbids to delete this

``retryable`` as in ``speech.errors``.
"""

from __future__ import annotations


class RecordingsError(Exception):
    """Root of what goes wrong between a sound file and its row. ``str()`` says what, where and what to do."""

    code = "recordings"
    retryable = False
    retry_after = 60.0
    """Seconds after which to look again, where it is retryable."""


class BackupDamaged(RecordingsError):
    code = "backup_damaged"


class ConsentRefused(RecordingsError):
    code = "consent_refused"


class SoundMissing(RecordingsError):
    code = "sound_missing"


class StoreUnavailable(RecordingsError, OSError):
    code = "store_unavailable"
    retryable = True


class ThreadsBusy(RecordingsError, TimeoutError):
    code = "threads_busy"
    retryable = True
    retry_after = 5.0


class CallGoesOn(RecordingsError):
    code = "call_goes_on"
    retryable = True


class ExportTooLarge(RecordingsError):
    code = "export_too_large"


class NotAPhone(RecordingsError):
    code = "not_a_phone"


class NotEmpty(RecordingsError):
    code = "not_empty"


class PolicyWrong(RecordingsError):
    code = "policy_wrong"


class SchemaUnfit(RecordingsError):
    code = "schema_unfit"


class SoundErased(RecordingsError):
    code = "sound_erased"


class UnderHold(RecordingsError):
    code = "under_hold"
