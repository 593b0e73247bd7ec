"""SpeechError
├── AudioFormatError   not sound, empty, cut short, wrong rate or channels; never retried
├── ModelMissing       no verified model for the language; says how to get it; tasks wait for it
├── ModelDamaged       a model's files are not what was verified; says how to get it again; tasks wait for it
├── DownloadFailed     one source could not be reached, or gave something else than wanted
├── ModelFileError     a trained model's file is damaged, something else or newer; says what to do
└── EngineError        the engine failed on valid input; never retried

``retryable``: the fault passes, or a person mends it, so that the same work may be done later as it is. The workers'
leases read it, with ``retry_after`` (``analytics.leases.faults``).
"""

from __future__ import annotations


class SpeechError(Exception):
    """Root of what goes wrong between sound and words. ``str()`` says what, where and what to do."""

    code = "speech"
    retryable = False
    retry_after = 60.0
    """Seconds after which to look again, where it is retryable."""


class AudioFormatError(SpeechError):
    code = "audio_format"


class ModelMissing(SpeechError):
    code = "model_missing"
    retryable = True
    retry_after = 300.0


class ModelDamaged(SpeechError):
    code = "model_damaged"
    retryable = True
    retry_after = 300.0


class DownloadFailed(SpeechError):
    code = "download"
    retryable = True


class ModelFileError(SpeechError):
    code = "model_file"


class EngineError(SpeechError):
    code = "engine"
