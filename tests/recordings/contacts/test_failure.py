"""Failures of a call from before there were codes are told by their words."""

from __future__ import annotations

import pytest

from recordings.contacts.failure import Failure, FailureCode, failures_in, text_of

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("", ()),
        ("Asterisk was lost in the middle of the call", ("asterisk_lost",)),
        ("the sound of the call was lost", ("sound_lost",)),
        ("the robot or Asterisk was restarted in the middle of the call", ("restarted",)),
        ("the robot was stopped in the middle of the call", ("stopped",)),
        ("voice: festival does not answer", ("voice",)),
        ("vosk-0.3.45/vosk-model-small-ru-0.22: out of memory", ("hearing",)),
        ("no recording: Asterisk has no sound of this call", ("no_recording",)),
        (
            "voice: gone; the recording has 3 s of a call of 60 s: is Asterisk's disk full?",
            ("voice", "recording_cut"),
        ),
        ("the recording waits with Asterisk: [Errno 28] No space; left", ("recording_waits",)),
        ("KeyError: 'x'; the recording waits with Asterisk: down", ("other", "recording_waits")),
    ],
)
def test_what_broke_is_known_by_its_words(text: str, codes: tuple[str, ...]) -> None:
    found = failures_in(text)
    assert tuple(failure.code for failure in found) == codes
    assert text_of(found) == text  # nothing is lost


def test_what_nobody_knows_belongs_to_what_came_before_it() -> None:
    waits = "the recording waits with Asterisk: [Errno 28] No space; left"
    assert failures_in(waits) == (Failure(code=FailureCode.RECORDING_WAITS, text=waits),)
