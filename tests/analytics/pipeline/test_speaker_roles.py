"""A mono recording: whose voice is whose, and what is said where nothing tells."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.pipeline.speaker_roles import told_apart
from speech.audio.audio import TELEPHONE_RATE, Sound
from speech.recognition.words import Speaker, Transcript, Utterance, Word

pytestmark = pytest.mark.models

SECONDS = 3.0


def voice(pitch: float, seconds: float, *, seed: int) -> np.ndarray:
    """A buzz with the formants of a vowel that moves: enough for a pitch and a timbre."""
    times = np.arange(int(seconds * TELEPHONE_RATE)) / TELEPHONE_RATE
    wander = 1 + 0.04 * np.sin(2 * np.pi * (1.1 + seed % 3) * times + seed)
    phase = 2 * np.pi * np.cumsum(pitch * wander) / TELEPHONE_RATE
    tones = sum(np.sin(k * phase) / k ** (1.0 if pitch > 150 else 1.6) for k in range(1, 14))
    noise = np.random.default_rng(seed).normal(0, 0.05, times.size)
    return ((np.asarray(tones) + noise) * 3000).astype(np.int16)


def call(*said: tuple[float, str]) -> tuple[Transcript, Sound]:
    """Pitch and words of each stretch of three seconds, half a second apart, in one channel."""
    parts, utterances, at = [], [], 0.0
    for number, (pitch, text) in enumerate(said):
        parts += [voice(pitch, SECONDS, seed=number), np.zeros(TELEPHONE_RATE // 2, np.int16)]
        words = text.split()
        step = SECONDS / len(words)
        heard = tuple(
            Word(text=word, start=at + n * step, end=at + (n + 1) * step, confidence=0.9)
            for n, word in enumerate(words)
        )
        utterances.append(
            Utterance(speaker=Speaker.UNKNOWN, start=at, end=at + SECONDS, text=text, words=heard, confidence=0.9)
        )
        at += SECONDS + 0.5
    sound = Sound(samples=np.concatenate(parts).reshape(1, -1), rate=TELEPHONE_RATE)
    return Transcript(language="ru", engine="test", duration=at, utterances=tuple(utterances)), sound


def test_whoever_offers_help_is_the_agent_even_when_heard_second() -> None:
    transcript, sound = call(
        (210, "алло я заказывала у вас чайник"),
        (110, "здравствуйте чем могу помочь"),
        (210, "мне не привезли мой заказ"),
        (110, "назовите номер заказа пожалуйста"),
    )
    apart = told_apart(transcript, sound)
    assert apart.split == "voices"
    assert [said.speaker for said in apart.utterances] == [Speaker.CALLER, Speaker.AGENT] * 2


def test_an_utterance_with_both_voices_is_cut_between_them() -> None:
    transcript, sound = call(
        (110, "здравствуйте чем могу помочь"),
        (210, "где мой заказ скажите"),
        (110, "сейчас проверю одну минуту"),
        (210, "я жду уже третий день"),
    )
    first, second, *rest = transcript.utterances
    both = Utterance(
        speaker=Speaker.UNKNOWN,
        start=first.start,
        end=second.end,
        text=f"{first.text} {second.text}",
        words=first.words + second.words,
        confidence=0.9,
    )
    joined = Transcript(language="ru", engine="test", duration=transcript.duration, utterances=(both, *rest))
    apart = told_apart(joined, sound)
    assert [said.speaker for said in apart.utterances] == [Speaker.AGENT, Speaker.CALLER] * 2
    assert [said.text for said in apart.utterances][:2] == [first.text, second.text]


def test_one_voice_is_plainly_marked_as_not_split() -> None:
    transcript, sound = call((110, "раз два три"), (111, "четыре пять"), (110, "шесть семь"), (112, "восемь"))
    same = told_apart(transcript, sound)
    assert same.split == "none"
    assert {said.speaker for said in same.utterances} == {Speaker.UNKNOWN}
    assert Transcript.from_json(same.to_json()) == same


def test_no_words_at_all() -> None:
    empty = Transcript(language="ru", engine="test", duration=3, utterances=())
    assert told_apart(empty, call((110, "да"))[1]).split == "none"
