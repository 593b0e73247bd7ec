"""What broke in a call, by code: the words are for engineers, the code is shown in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class FailureCode(StrEnum):
    """Kind of what broke; stored with the call."""

    ASTERISK_LOST = "asterisk_lost"
    SOUND_LOST = "sound_lost"
    RESTARTED = "restarted"
    """The robot or Asterisk, in the middle of the call."""
    NO_ROBOT = "no_robot"
    """None took calls: the dialplan rang a person at once."""
    STOPPED = "stopped"
    VOICE = "voice"
    HEARING = "hearing"
    NO_RECORDING = "no_recording"
    RECORDING_WAITS = "recording_waits"
    """The sound lies with Asterisk still."""
    RECORDING_CUT = "recording_cut"
    RECORDING_LONG = "recording_long"
    """Longer than what the workers analyse."""
    BUSY = "busy"
    """More calls at once than the machine holds."""
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One thing that broke."""

    code: str
    """As ``FailureCode``; one that another version of Otklik wrote is kept as it is."""
    text: str
    """What happened, for an engineer."""


WORDINGS = (
    (FailureCode.ASTERISK_LOST, re.compile(r"Asterisk was lost")),
    (FailureCode.SOUND_LOST, re.compile(r"the sound of the call was lost")),
    (FailureCode.RESTARTED, re.compile(r"the robot or Asterisk was restarted")),
    (FailureCode.STOPPED, re.compile(r"the robot was stopped")),
    (FailureCode.VOICE, re.compile(r"voice: ")),
    (FailureCode.HEARING, re.compile(r"(vosk|faster-whisper)\S{0,80}: ")),
    (FailureCode.NO_RECORDING, re.compile(r"no recording( of what the caller \w{1,40})?: ")),
    (FailureCode.RECORDING_WAITS, re.compile(r"the recording waits with Asterisk")),
    (FailureCode.RECORDING_CUT, re.compile(r"the recording has \d+ s of a call")),
)
"""How the robot worded each when it stored words alone: read for calls from then, never for new ones."""


def text_of(failures: Iterable[Failure]) -> str:
    """All failures in one line."""
    return "; ".join(failure.text for failure in failures)


def failures_in(text: str) -> tuple[Failure, ...]:
    """Failures of a call from before there were codes. A part that nobody knows belongs to the one before it."""
    found: list[Failure] = []
    for part in filter(None, text.split("; ")):
        code = next((code for code, wording in WORDINGS if wording.match(part)), None)
        if code or not found:
            found.append(Failure(code=code or FailureCode.OTHER, text=part))
        else:
            found[-1] = Failure(code=found[-1].code, text=f"{found[-1].text}; {part}")
    return tuple(found)
