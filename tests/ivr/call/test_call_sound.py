"""The clock of a softphone's recording, and what it takes for speech."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ivr.simulation.softphone_process import LATE, CallSound, VoiceActivity
from speech.audio.audio import TELEPHONE_RATE, chunks, read_sound

pytestmark = pytest.mark.models

PACKET = (b"\x10\x00") * 160
"""20 ms of something."""


def test_silence_is_written_down_for_the_time_nothing_came() -> None:
    sound = CallSound()
    sound.received(1.0, b"")
    late = sound.received(1.02, PACKET)
    assert late.start == pytest.approx(1.0 - LATE)
    heard = sound.stereo().samples[1]
    assert np.flatnonzero(heard)[0] / TELEPHONE_RATE == pytest.approx(1.0 - LATE, abs=0.001)
    assert heard.size / TELEPHONE_RATE == pytest.approx(1.02 - LATE + 0.02, abs=0.021)


def test_a_steady_stream_gets_no_silence_however_late_it_is_read() -> None:
    sound = CallSound()
    for packet in range(1, 100):
        sound.received(packet * 0.02 + 0.015 * (packet % 3), PACKET)
    assert np.count_nonzero(sound.stereo().samples[1] == 0) == 0


def test_what_was_said_stands_where_it_left() -> None:
    sound = CallSound()
    sound.sent(0.5, PACKET)
    sound.sent(0.52, PACKET)
    sound.sent(2.0, PACKET)
    said = sound.stereo().samples[0]
    blocks = np.flatnonzero(np.diff(np.concatenate([[0], said != 0, [0]])))
    assert (blocks / TELEPHONE_RATE).tolist() == pytest.approx([0.5, 0.54, 2.0, 2.02])


def test_an_ear_tells_where_a_voice_begins_and_ends() -> None:
    voice = read_sound(Path("/usr/share/asterisk/sounds/en_US_f_Allison/vm-goodbye.wav"))
    silence = np.zeros((1, TELEPHONE_RATE), np.int16)
    sound = type(voice)(samples=np.concatenate([silence, voice.samples, silence], axis=1), rate=voice.rate)
    far_end = VoiceActivity()
    changes = [change for chunk in chunks(sound) for change in far_end.changes(chunk)]
    assert [kind for kind, _ in changes] == ["speech_started", "speech_ended"]
    assert changes[0][1] == pytest.approx(1.0, abs=0.15)
    assert changes[1][1] == pytest.approx(1.0 + voice.duration, abs=0.3)
