"""Two voices in one channel: human prompts and the robot's voice, mixed and alone."""

from __future__ import annotations

from itertools import chain

import pytest

from speech.audio.audio import TELEPHONE_RATE, Sound, read_sound, resample
from speech.audio.diarization import two_voices
from speech.audio.vad import Span
from speech.settings import SpeechSettings
from speech.synthesis.voices import open_voice
from tests.speech.human import human_prompts, in_a_row, quiet

pytestmark = pytest.mark.models

TEXTS = (
    "ваш заказ уже в пути",
    "доставка будет завтра после обеда",
    "назовите пожалуйста номер заказа",
    "я передам вашу просьбу менеджеру",
    "сколько стоит доставка в москву",
)


@pytest.fixture(scope="module")
def robot() -> list[Sound]:
    voice = open_voice("ru", SpeechSettings())
    try:
        return [resample(voice.speak(text), TELEPHONE_RATE) for text in TEXTS]
    finally:
        voice.close()


@pytest.fixture(scope="module")
def woman() -> list[Sound]:
    sounds = (read_sound(file) for file, _ in human_prompts("ru", least_words=5))
    return [sound for sound in sounds if 1.5 < sound.duration < 6][: len(TEXTS)]


def spoken(sounds: list[Sound]) -> tuple[Sound, list[Span]]:
    """The sounds with half a second between them, and where each is."""
    spans, at = [], 0.0
    for sound in sounds:
        spans.append(Span(start=at, end=at + sound.duration))
        at += sound.duration + 0.5
    return in_a_row(*chain.from_iterable((sound, quiet(0.5)) for sound in sounds)), spans


def test_a_woman_and_a_man_are_told_apart(robot: list[Sound], woman: list[Sound]) -> None:
    sound, spans = spoken([one for pair in zip(robot, woman, strict=True) for one in pair])
    voices = two_voices(sound, spans)
    assert voices is not None
    assert [voices.at((span.start + span.end) / 2) for span in spans] == [0, 1] * len(TEXTS)


@pytest.mark.parametrize("who", ["robot", "woman"])
def test_one_voice_is_not_taken_for_two(request: pytest.FixtureRequest, who: str) -> None:
    sound, spans = spoken(request.getfixturevalue(who))
    assert two_voices(sound, spans) is None


def test_silence_and_a_single_word_have_no_two_voices(robot: list[Sound]) -> None:
    silent = quiet(5)
    assert two_voices(silent, [Span(start=0, end=5)]) is None
    assert two_voices(silent, []) is None
    assert two_voices(robot[0].cut(0, 0.4), [Span(start=0, end=0.4)]) is None
