"""How people behave in a call: each figure and finding from conversations whose seconds are known."""

from __future__ import annotations

from functools import cache

import pytest

from analytics.dictionary import RuleSet, load_rule_set
from analytics.rules.dead_air import is_question
from analytics.rules.run import Analysis, apply
from analytics.settings import AnalyticsSettings
from recordings.calls.facts import CallFacts
from recordings.results.finding import Evidence, Finding, FindingKind, Measures
from speech.recognition.words import Speaker, Utterance, Word
from tests.analytics.conversation import Line, conversation

pytestmark = pytest.mark.unit

C, A, R = Speaker.CALLER, Speaker.AGENT, Speaker.ROBOT


@cache
def rules() -> RuleSet:
    return load_rule_set(AnalyticsSettings().dictionaries_dir)


def analysed(*lines: Line, duration: float, language: str = "ru", call: CallFacts | None = None) -> Analysis:
    return apply(conversation(*lines, duration=duration, language=language, call=call or CallFacts()), rules())


def found(analysis: Analysis, kind: FindingKind) -> list[Finding]:
    return [finding for finding in analysis.findings if finding.kind is kind]


def spans(findings: list[Finding]) -> list[tuple[str, Speaker, float, float]]:
    return [(f.label, f.speaker, f.evidence.start, f.evidence.end) for f in findings]


def test_who_takes_the_word_from_whom() -> None:
    analysis = analysed(
        (C, 0, 6, "я вам объясняю что заказ так и не"),
        (A, 4, 9, "подождите дайте мне сказать"),  # over the caller, who stops
        (C, 10, 15, "нет это вы подождите я не закончил"),
        (A, 12, 12.6, "угу"),  # a sign of listening
        (A, 14.8, 18, "хорошо слушаю"),  # meets the end
        (C, 17, 22, "так вот где мой заказ"),  # over the agent
        duration=25,
    )
    assert spans(found(analysis, FindingKind.INTERRUPTION)) == [("interruption", A, 4, 9), ("interruption", C, 17, 22)]
    assert found(analysis, FindingKind.INTERRUPTION)[0].evidence.quote == "подождите дайте мне сказать"
    assert found(analysis, FindingKind.INTERRUPTION)[0].value == 2
    assert analysis.measures.interruptions == {"agent": 1, "caller": 1}


def test_talking_over_the_robot_is_no_rudeness() -> None:
    analysis = analysed((R, 0, 6, "назовите номер заказа пожалуйста"), (C, 3, 8, "четыре один два семь"), duration=9)
    assert spans(found(analysis, FindingKind.INTERRUPTION)) == [("barge_in", C, 3, 8)]


def test_both_begin_at_once_and_nobody_interrupts() -> None:
    analysis = analysed((C, 0, 3, "алло вы слышите"), (A, 0.5, 6, "здравствуйте слушаю вас"), duration=7)
    assert found(analysis, FindingKind.INTERRUPTION) == []


def test_shares_of_talk_and_the_longest_monologue() -> None:
    analysis = analysed(
        (A, 0, 30, "рассказываю про тарифы"),
        (C, 30, 30.6, "угу"),
        (A, 31, 62, "и ещё про один тариф"),
        (C, 63, 73, "спасибо мне это не нужно"),
        (A, 90, 95, "тогда до свидания"),
        duration=100,
    )
    assert spans(found(analysis, FindingKind.MONOLOGUE)) == [("monologue", A, 0, 62)]
    assert analysis.measures.longest_monologue_seconds == {"agent": 62, "caller": 10}
    assert analysis.measures.talk_share == {"agent": pytest.approx(66 / 76.6, abs=0.001), "caller": 0.138}
    assert sum(analysis.measures.talk_share.values()) == pytest.approx(1, abs=0.002)


def test_robot_must_be_shorter_than_people() -> None:
    analysis = analysed((R, 0, 25, "длинное сообщение о погоде"), (C, 26, 60, "и мой рассказ"), duration=61)
    assert spans(found(analysis, FindingKind.MONOLOGUE)) == [("monologue", R, 0, 25)]


def test_silence_after_a_question_is_the_one_s_who_was_asked() -> None:
    analysis = analysed(
        (C, 0, 3, "когда привезут мой заказ"),
        (A, 7, 9, "завтра до обеда"),
        (C, 15, 17, "ну хорошо спасибо"),  # no question before it
        (A, 17.5, 19, "ещё вопросы есть"),
        (C, 20, 21, "нет"),
        duration=22,
    )
    (late,) = found(analysis, FindingKind.DEAD_AIR)
    assert (late.speaker, late.evidence, late.value) == (
        A,
        Evidence(start=3, end=7, quote="когда привезут мой заказ"),
        4.0,
    )
    assert analysis.measures.dead_air_seconds == 4
    assert analysis.measures.longest_silence_seconds == 6


def test_who_asks_for_a_moment_holds_the_line_and_is_not_silent() -> None:
    analysis = analysed(
        (C, 0, 3, "когда привезут мой заказ"),
        (A, 3.5, 5, "одну минуту я посмотрю"),
        (A, 25, 27, "завтра до обеда"),
        (C, 33, 34, "ясно"),
        duration=40,
    )
    labels = [(f.label, f.evidence.start, f.evidence.end) for f in found(analysis, FindingKind.SILENCE)]
    assert labels == [("hold", 5, 25), ("silence", 27, 33), ("silence", 34, 40)]
    assert analysis.measures.hold_seconds == 20
    assert found(analysis, FindingKind.DEAD_AIR) == []


def test_time_with_the_robot_and_the_wait_for_a_person() -> None:
    lines = (
        (R, 0, 4, "здравствуйте чем помочь"),
        (C, 4, 6, "позовите человека"),
        (R, 6, 8, "соединяю"),
        (A, 20, 22, "слушаю"),
    )
    handed_over = analysed(*lines, duration=30, call=CallFacts(agent_from=19.0, robot_until=19.0)).measures
    assert (handed_over.robot_seconds, handed_over.hold_seconds) == (19, 11)
    alone = analysed(*lines[:3], duration=8, call=CallFacts(agent_from=None, robot_until=8.0)).measures
    assert (alone.robot_seconds, alone.hold_seconds) == (8, 0)
    imported = analysed((A, 0, 2, "слушаю"), duration=3).measures
    assert (imported.robot_seconds, imported.hold_seconds) == (0, 0)


@pytest.mark.parametrize(
    ("language", "seconds", "label"), [("ru", 8, "fast"), ("ru", 20, None), ("ru", 40, "slow"), ("en", 8, "fast")]
)
def test_speed_of_speech_is_by_the_speaker_s_words(language: str, seconds: float, label: str | None) -> None:
    ru = "мы сегодня отправили ваш заказ курьером и он будет у вас завтра утром до десяти часов позвоните если что"
    en = "we have sent your order by courier today and it will be there tomorrow morning before ten o clock call us"
    words = ru if language == "ru" else en
    half = seconds / 2
    analysis = analysed(
        (A, 0, half, words), (A, half + 1, seconds + 1.5, words), (C, 60, 61, "да"), duration=65, language=language
    )
    marks = found(analysis, FindingKind.SPEED)
    if label is None:
        assert marks == []
        return
    (mark,) = marks
    start = 0 if label == "fast" else half + 1
    assert (mark.label, mark.speaker, mark.evidence.start) == (label, A, start)
    assert mark.value == round(analysis.measures.words_per_minute["agent"])


def test_a_few_words_tell_no_speed() -> None:
    assert found(analysed((A, 0, 1, "раз два три четыре пять шесть"), duration=5), FindingKind.SPEED) == []


def test_dead_channel_is_told_and_all_the_rest_goes_on() -> None:
    heard = conversation((C, 0, 3, "алло вы меня слышите"), duration=10, dead=[1])
    analysis = apply(heard, rules())
    assert ("dead_channel", A, 0, 10) in spans(found(analysis, FindingKind.SILENCE))
    assert analysis.measures.dead_channels == (1,)


def test_transcript_of_no_words_and_of_another_language_has_figures() -> None:
    nothing = apply(conversation(duration=60), rules())
    assert nothing.measures == Measures.from_json(nothing.measures.to_json())
    assert nothing.measures.silence_share == 1
    other = analysed((C, 0, 2, "mein paket ist nicht da"), (A, 8, 9, "moment"), duration=10, language="de")
    assert [f.kind for f in other.findings] == [FindingKind.SILENCE]


def test_mono_whose_voices_are_not_told_apart_has_no_interruptions() -> None:
    heard = conversation((Speaker.UNKNOWN, 0, 5, "алло да слушаю"), duration=6, channels=1)
    analysis = apply(heard, rules())
    assert (analysis.measures.overlap_seconds, analysis.measures.interruptions) == (0, {})
    assert analysis.measures.talk_share == {"unknown": 1}


def test_a_call_of_four_hours_is_examined() -> None:
    turns = [((C, A)[n % 2], n * 6.0, n * 6.0 + 5, "я хочу вернуть деньги за заказ") for n in range(2400)]
    analysis = analysed(*turns, duration=4 * 3600)
    assert analysis.measures.duration == 14_400
    assert {f.kind for f in analysis.findings} == {FindingKind.KEYWORD}


@pytest.mark.parametrize(
    ("text", "language", "asks"),
    [
        ("когда привезут мой заказ", "ru", True),
        ("понятно. А сколько стоит?", "ru", True),
        ("привезут завтра", "ru", False),
        ("where is my order", "en", True),
        ("I see.", "en", False),
    ],
)
def test_a_question_is_known_with_and_without_marks(text: str, language: str, asks: bool) -> None:
    words = tuple(Word(text=word, start=n, end=n + 0.5) for n, word in enumerate(text.split()))
    assert is_question(Utterance(speaker=C, start=0, end=9, text=text, words=words), language) is asks
