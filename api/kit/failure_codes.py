"""What broke, by kind: the failures that the robot and the workers write are English and for engineers."""

from __future__ import annotations

import builtins
import re

CALL_KINDS = (
    # kind, how the robot words it
    ("asterisk_lost", re.compile(r"Asterisk was lost")),
    ("sound_lost", re.compile(r"the sound of the call was lost")),
    ("restarted", re.compile(r"the robot or Asterisk was restarted")),
    ("stopped", re.compile(r"the robot was stopped")),
    ("voice", re.compile(r"voice: ")),
    ("hearing", re.compile(r"(vosk|faster-whisper)\S*: ")),
    ("no_recording", re.compile(r"no recording( of what the caller \w+)?: ")),
    ("recording_waits", re.compile(r"the recording waits with Asterisk")),
    ("recording_cut", re.compile(r"the recording has \d+ s of a call")),
)
RECORDING_KINDS = (
    "audio_format",
    "model_missing",
    "model_damaged",
    "engine",
    "engine_busy",
    "sound_missing",
    "storage",
    "worker_lost",
    "other",
)


def call_troubles(failure: str) -> tuple[str, ...]:
    """Kinds of what is in ``Call.failure``, parts joined by ``; ``; a part nobody knows is ``other`` when it is first.

    A later one may be the rest of what came before it.
    """
    kinds = []
    for number, part in enumerate(filter(None, failure.split("; "))):
        kind = next((kind for kind, wording in CALL_KINDS if wording.match(part)), "" if number else "other")
        if kind:
            kinds.append(kind)
    return tuple(dict.fromkeys(kinds))


def recording_trouble(code: str) -> str:
    """Kind of ``Recording.failure_code``: the code itself where it has a text; faults of files are ``storage``."""
    fault = getattr(builtins, code, None)
    if isinstance(fault, type) and issubclass(fault, OSError):
        return "storage"
    return code if code in RECORDING_KINDS else "other"
