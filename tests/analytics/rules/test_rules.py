"""Rules and figures over conversations whose sound and words are known exactly."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from analytics.dictionary import load_rule_set
from analytics.rules.rule_input import RuleInput
from analytics.rules.run import Analysis, apply
from analytics.settings import AnalyticsSettings
from recordings.calls.facts import CallFacts
from recordings.results.acoustics import Acoustics
from recordings.results.finding import Finding, FindingKind, Measures
from recordings.results.meaning import CallMeaning
from speech.audio.acoustics import levels_dbfs
from speech.audio.audio import Sound
from speech.recognition.words import Speaker, Transcript, Utterance, Word

pytestmark = pytest.mark.unit

RATE = 8000
LOUD, QUIET = 0.3, 0.003
"""Amplitudes: -13.5 and -53.5 dBFS of RMS."""


def said(speaker: Speaker, start: float, end: float, text: str, *, timed: bool = True) -> Utterance:
    step = (end - start) / len(text.split())
    words = tuple(
        Word(text=word, start=start + n * step, end=start + (n + 1) * step) for n, word in enumerate(text.split())
    )
    channel = 0 if speaker is Speaker.CALLER else 1
    return Utterance(speaker=speaker, start=start, end=end, text=text, words=words if timed else (), channel=channel)


def conversation(*utterances: Utterance, duration: float, loud: dict[int, float] | None = None) -> RuleInput:
    """Sound that is a tone while somebody speaks; ``loud`` gives the amplitude of an utterance by its place."""
    samples = np.zeros((2, round(duration * RATE)))
    for place, utterance in enumerate(utterances):
        at = slice(round(utterance.start * RATE), round(utterance.end * RATE))
        amplitude = (loud or {}).get(place, 0.1)
        samples[utterance.channel, at] = amplitude * np.sin(np.arange(at.stop - at.start))
    speech = tuple(tuple((u.start, u.end) for u in utterances if u.channel == channel) for channel in (0, 1))
    sound = Sound(samples=(samples * 32767).astype(np.int16), rate=RATE)
    return RuleInput(
        transcript=Transcript(language="ru", engine="test", duration=duration, utterances=utterances),
        acoustics=Acoustics(
            version="test",
            duration=duration,
            speech=speech,
            levels=tuple(levels_dbfs(sound.channel(channel)) for channel in (0, 1)),
            lufs=(None, None),
            pitch=(None, None),
        ),
        meaning=CallMeaning(
            version="test",
            sentiments=tuple(
                None if u.speaker is Speaker.ROBOT else -0.6 if "ужасно" in u.text else 0.1 for u in utterances
            ),
        ),
    )


def everything(heard: RuleInput) -> Analysis:
    return apply(heard, load_rule_set(AnalyticsSettings().dictionaries_dir))


def found(heard: RuleInput, kind: FindingKind) -> list[Finding]:
    return [finding for finding in everything(heard).findings if finding.kind is kind]


def test_keyword_is_proved_by_its_own_words_and_seconds() -> None:
    heard = conversation(said(Speaker.CALLER, 1, 6, "Здравствуйте, верните мне деньги!"), duration=8)
    (keyword,) = found(heard, FindingKind.KEYWORD)
    assert (keyword.label, keyword.speaker) == ("возврат денег", Speaker.CALLER)
    assert keyword.evidence.quote == "верните мне деньги!"
    assert (keyword.evidence.start, keyword.evidence.end) == (2.25, 6)


def test_keyword_counts_from_the_speaker_it_is_meant_for() -> None:
    heard = conversation(
        said(Speaker.ROBOT, 0, 2, "Вы хотите вернуть деньги?"), said(Speaker.AGENT, 3, 5, "Я не знаю"), duration=8
    )
    assert [(f.label, f.speaker) for f in found(heard, FindingKind.KEYWORD)] == [("незнание", Speaker.AGENT)]


def test_without_word_times_the_utterance_is_the_proof() -> None:
    heard = conversation(said(Speaker.CALLER, 1, 4, "где мой заказ", timed=False), duration=5)
    (keyword,) = found(heard, FindingKind.KEYWORD)
    assert (keyword.evidence.start, keyword.evidence.end, keyword.evidence.quote) == (1, 4, "где мой заказ")


def test_sentiment_marks_what_is_clear_and_never_the_robot() -> None:
    heard = conversation(
        said(Speaker.CALLER, 0, 2, "это ужасно"),
        said(Speaker.AGENT, 2, 4, "сейчас посмотрю"),
        said(Speaker.ROBOT, 4, 6, "ужасно жаль"),
        duration=7,
    )
    (feeling,) = found(heard, FindingKind.SENTIMENT)
    assert (feeling.label, feeling.value, feeling.speaker) == ("negative", -0.6, Speaker.CALLER)


def test_silence_is_where_nobody_speaks_for_long() -> None:
    heard = conversation(
        said(Speaker.CALLER, 0, 2, "алло"),
        said(Speaker.ROBOT, 3, 5, "да"),
        said(Speaker.CALLER, 10, 11, "ну"),
        duration=20,
    )
    silences = [(f.evidence.start, f.evidence.end) for f in found(heard, FindingKind.SILENCE)]
    assert silences == [(5, 10), (11, 20)]


def test_waiting_for_the_agent_is_hold_and_no_silence() -> None:
    heard = conversation(
        said(Speaker.CALLER, 0, 2, "позовите оператора"),
        said(Speaker.ROBOT, 7, 9, "соединяю"),
        said(Speaker.CALLER, 15, 16, "ну где"),
        said(Speaker.AGENT, 31, 33, "здравствуйте"),
        duration=40,
    )
    heard = replace(heard, call=CallFacts(agent_from=26.0))
    found_in = [(f.label, f.evidence.start, f.evidence.end) for f in found(heard, FindingKind.SILENCE)]
    assert found_in == [
        ("silence", 2, 7),
        ("hold", 9, 15),
        ("hold", 16, 26),
        ("silence", 26, 31),  # the agent is there and says nothing
        ("silence", 33, 40),
    ]


@pytest.mark.parametrize(
    ("agent_from", "marks"),
    [
        (10.0, [("hold", 3, 10)]),
        (900.0, [("hold", 3, 12)]),  # the recording broke off before the agent came
        (None, [("silence", 0, 12)]),
        (0.0, [("silence", 0, 12)]),
    ],
)
def test_hold_is_from_the_robot_s_last_words_to_the_agent_s_joining(
    agent_from: float | None, marks: list[tuple[str, float, float]]
) -> None:
    heard = conversation(said(Speaker.ROBOT, 1, 3, "соединяю"), duration=12)
    unheard = replace(heard.acoustics, speech=((), ()))
    heard = replace(heard, acoustics=unheard, call=CallFacts(agent_from=agent_from))
    assert [(f.label, f.evidence.start, f.evidence.end) for f in found(heard, FindingKind.SILENCE)] == marks


def test_overlap_names_who_began_over_the_other() -> None:
    heard = conversation(
        said(Speaker.CALLER, 0, 5, "а я говорю что"),
        said(Speaker.AGENT, 3.5, 8, "подождите пожалуйста"),
        said(Speaker.CALLER, 7.9, 9, "ладно"),
        duration=10,
    )
    (both,) = found(heard, FindingKind.OVERLAP)
    assert (both.speaker, both.evidence.start, both.evidence.end) == (Speaker.AGENT, 3.5, 5)


def test_loudness_marks_a_raised_voice_and_what_can_hardly_be_heard() -> None:
    heard = conversation(
        *(said(Speaker.CALLER, start, start + 2, "слова") for start in (0, 3, 6)),
        said(Speaker.CALLER, 9, 11, "сколько можно"),
        said(Speaker.AGENT, 12, 14, "тихо"),
        duration=15,
        loud={3: LOUD, 4: QUIET},
    )
    marks = [(f.label, f.speaker, f.value) for f in found(heard, FindingKind.LOUDNESS)]
    assert [mark[:2] for mark in marks] == [("loud", Speaker.CALLER), ("quiet", Speaker.AGENT)]
    assert [mark[2] for mark in marks] == pytest.approx([-13.5, -53.5], abs=0.6)


def test_figures_of_a_whole_call() -> None:
    heard = conversation(
        said(Speaker.ROBOT, 0, 2, "чем помочь"),
        said(Speaker.CALLER, 2, 6, "это ужасно где мой заказ"),
        said(Speaker.AGENT, 5, 9, "сейчас посмотрю подождите"),
        said(Speaker.CALLER, 16, 18, "спасибо"),
        duration=20,
    )
    measures = everything(heard).measures
    assert measures.talk_seconds == {"robot": 2, "caller": 6, "agent": 4}
    assert measures.silence_share == pytest.approx(9 / 20)
    assert measures.overlap_seconds == 1
    assert measures.words_per_minute["caller"] == 60
    assert measures.loudness_dbfs == pytest.approx((-23.0, -23.0), abs=0.6)
    assert measures.sentiment == {"caller": pytest.approx((-0.6 * 4 + 0.1 * 2) / 6, abs=0.001), "agent": 0.1}
    assert measures.sentiment_by_quarter["caller"] == (-0.6, None, None, 0.1)
    assert Measures.from_json(measures.to_json()) == measures


def test_recording_without_any_speech_has_figures_too() -> None:
    heard = conversation(duration=5)
    measures = everything(heard).measures
    assert (measures.silence_share, measures.talk_seconds, measures.loudness_dbfs) == (1, {}, (None, None))
    assert [f.kind for f in everything(heard).findings] == [FindingKind.SILENCE]
