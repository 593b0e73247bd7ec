"""From human speech to findings with a real engine, without queue or database."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from analytics.dictionary import load_rule_set
from analytics.pipeline.acoustics import acoustics_of
from analytics.pipeline.examination import examine
from analytics.pipeline.pipeline import transcribe_sound
from analytics.rules.rule_input import RuleInput
from analytics.rules.run import Analysis
from analytics.settings import AnalyticsSettings
from recordings.results.finding import FindingKind
from speech.audio.audio import Sound, read_sound
from speech.recognition.engines import open_recognizer
from speech.recognition.recognizer import Recognizer
from speech.recognition.words import Speaker, Transcript
from speech.settings import SpeechSettings

pytestmark = pytest.mark.models

PROMPTS = Path("/usr/share/asterisk/sounds/en")


@pytest.fixture(scope="module")
def english() -> Recognizer:
    return open_recognizer("en", SpeechSettings(engine="whisper"))


@pytest.fixture(scope="module")
def call() -> Sound:
    """The caller at 0 s, the robot at 4 s, silence, the agent at 14 s."""
    samples = np.zeros((2, 18 * 8000), np.int16)
    for name, channel, start in (("agent-pass", 0, 0), ("agent-user", 1, 4), ("all-circuits-busy-now", 1, 14)):
        prompt = read_sound(PROMPTS / f"{name}.wav").samples[0]
        samples[channel, start * 8000 : start * 8000 + prompt.size] = prompt
    return Sound(samples=samples, rate=8000)


def analysed(transcript: Transcript, sound: Sound) -> Analysis:
    heard = RuleInput(transcript=transcript, acoustics=acoustics_of(sound), meaning=None)
    made = examine(heard, load_rule_set(AnalyticsSettings().dictionaries_dir), now=datetime.now(UTC))
    assert made.heard.meaning
    return made.analysis


def test_right_channel_is_the_robot_s_until_the_agent_comes(english: Recognizer, call: Sound) -> None:
    transcript = transcribe_sound(call, english, agent_from=12.0)
    assert [(said.speaker, said.channel) for said in transcript.utterances] == [
        (Speaker.CALLER, 0),
        (Speaker.ROBOT, 1),
        (Speaker.AGENT, 1),
    ]
    assert "password" in transcript.utterances[0].text.lower()
    assert "busy" in transcript.utterances[2].text.lower()
    assert (transcript.language, transcript.engine, transcript.duration) == ("en", english.engine, 18.0)
    assert all(0 <= word.start <= word.end <= 18 for said in transcript.utterances for word in said.words)
    assert Transcript.from_json(transcript.to_json()) == transcript

    analysis = analysed(transcript, call)
    silence = next(found for found in analysis.findings if found.kind is FindingKind.SILENCE)
    assert silence.evidence.start == pytest.approx(8, abs=2)
    assert silence.evidence.end == pytest.approx(14, abs=0.4)
    assert set(analysis.measures.talk_seconds) == {"caller", "robot", "agent"}
    assert "robot" not in analysis.measures.sentiment
    assert analysis.measures.overlap_seconds == 0


@pytest.mark.parametrize("channels", [1, 2])
def test_mono_sound_is_of_unknown_speakers(english: Recognizer, call: Sound, channels: int) -> None:
    mono = call.channel(0).cut(0, 4)
    sound = Sound(samples=np.tile(mono.samples, (channels, 1)), rate=mono.rate)
    transcript = transcribe_sound(sound, english)
    assert [said.speaker for said in transcript.utterances] == [Speaker.UNKNOWN]
    analysis = analysed(transcript, sound)
    assert analysis.measures.overlap_seconds == 0


def test_stereo_that_is_not_ours_has_an_agent_and_silence_has_no_words(english: Recognizer, call: Sound) -> None:
    quiet = np.zeros((1, 3 * 8000), np.int16)
    both = Sound(samples=np.vstack([quiet, call.cut(14, 17).samples[1:]]), rate=8000)
    transcript = transcribe_sound(both, english)
    assert {said.speaker for said in transcript.utterances} == {Speaker.AGENT}
