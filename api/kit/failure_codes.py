"""What broke, by code, as the pages have words for it."""

from __future__ import annotations

import builtins

from recordings.contacts.call import Call
from recordings.contacts.failure import FailureCode

RECORDING_CODES = (
    "audio_format",
    "model_missing",
    "model_damaged",
    "engine",
    "sound_missing",
    "storage",
    "database",
    "worker_lost",
    "other",
)
"""Codes of errors that stop a recording, as far as there are words for them."""


def call_codes(call: Call | None) -> tuple[str, ...]:
    """Codes of what broke in a call, each once; ``other`` where there are no words for one."""
    known = {code.value for code in FailureCode}
    codes = [failure.code if failure.code in known else FailureCode.OTHER for failure in call.failures] if call else []
    return tuple(dict.fromkeys(map(str, codes)))


def recording_code(code: str) -> str:
    """Code of what stopped a recording: ``other`` where there are no words for it.

    Rows from before there were codes for all errors name the class of a file's fault.
    """
    fault = getattr(builtins, code, None)
    if isinstance(fault, type) and issubclass(fault, OSError):
        return "storage"
    return code if code in RECORDING_CODES else "other"
