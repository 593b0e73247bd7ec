"""A transcript's private parts: across utterances, after questions, with the times of words or without."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from recordings.redaction.redaction import MARGIN, Redaction, redact_transcript
from speech.recognition.words import Speaker, Transcript, Utterance, Word

pytestmark = pytest.mark.unit

STEP = 0.4
"""Seconds a word."""
CHANNELS = {Speaker.CALLER: 0, Speaker.AGENT: 1, Speaker.ROBOT: 1, Speaker.UNKNOWN: 0}


def said(speaker: Speaker, start: float, text: str, *, timed: bool = True) -> Utterance:
    words = tuple(
        Word(text=word, start=start + at * STEP, end=start + at * STEP + 0.35, confidence=0.9)
        for at, word in enumerate(text.split())
    )
    return Utterance(
        speaker=speaker,
        start=start,
        end=start + len(words) * STEP,
        text=text,
        words=words if timed else (),
        channel=CHANNELS[speaker],
    )


def redacted(*utterances: Utterance, language: str = "ru") -> Redaction:
    return redact_transcript(Transcript(language=language, engine="test", duration=600.0, utterances=tuple(utterances)))


def texts(redaction: Redaction) -> list[str]:
    return [utterance.text for utterance in redaction.transcript.utterances]


CALLER, AGENT, ROBOT = Speaker.CALLER, Speaker.AGENT, Speaker.ROBOT


def test_words_keep_their_times_and_the_sound_is_told_with_a_margin() -> None:
    result = redacted(said(CALLER, 3.0, "меня зовут анна петрова спасибо"))
    (utterance,) = result.transcript.utterances
    assert utterance.text == "меня зовут [имя] спасибо"
    assert [word.text for word in utterance.words] == ["меня", "зовут", "[имя]", "спасибо"]
    assert (utterance.words[2].start, utterance.words[2].end) == pytest.approx((3.8, 4.55))
    assert utterance.words[3].start == pytest.approx(4.6)
    (span,) = result.spans
    assert (span.kind, span.utterance, span.channel) == ("person", 0, 0)
    assert (span.start, span.end) == pytest.approx((3.8 - MARGIN, 4.55 + MARGIN))


def test_a_phone_cut_by_pauses_and_nods_is_found_whole() -> None:
    result = redacted(
        said(CALLER, 1.0, "записывайте восемь девятьсот шестнадцать"),
        said(AGENT, 3.0, "так"),
        said(CALLER, 4.0, "сто двадцать три"),
        said(AGENT, 6.0, "угу"),
        said(CALLER, 7.0, "сорок пять шестьдесят семь вот"),
    )
    assert texts(result) == ["записывайте [телефон]", "так", "[телефон]", "угу", "[телефон] вот"]
    assert [span.utterance for span in result.spans] == [0, 2, 4]


def test_what_was_asked_tells_what_the_digits_are() -> None:
    digits = "четыре один два восемь один два три четыре"
    card = redacted(said(ROBOT, 1.0, "назовите номер карты"), said(CALLER, 4.0, digits))
    order = redacted(said(ROBOT, 1.0, "назовите номер заказа"), said(CALLER, 4.0, digits))
    assert texts(card)[1] == "[карта]"
    assert texts(order)[1] == digits


@pytest.mark.parametrize(
    ("question", "answer", "want", "language"),
    [
        ("как вас зовут", "кирдык", "[имя]", "ru"),
        ("назовите дату рождения", "пятого мая восемьдесят третьего года", "[дата рождения]", "ru"),
        ("на какой день доставить", "пятого мая", "пятого мая", "ru"),
        ("may i have your name", "xochitl", "[name]", "en"),
        ("what is your date of birth", "march fifth nineteen eighty", "[date of birth]", "en"),
        ("your passport number please", "five oh one two three four five six seven", "[passport]", "en"),
    ],
)
def test_answers_to_questions(question: str, answer: str, want: str, language: str) -> None:
    result = redacted(said(AGENT, 1.0, question), said(CALLER, 5.0, answer), language=language)
    assert texts(result) == [question, want]


def test_a_number_does_not_run_from_the_question_into_the_answer() -> None:
    result = redacted(said(AGENT, 1.0, "восемь девятьсот шестнадцать"), said(CALLER, 4.0, "да семь семь два"))
    assert result.spans == ()


def test_without_times_of_words_the_whole_utterance_is_private_sound() -> None:
    result = redacted(said(CALLER, 2.0, "меня зовут анна спасибо", timed=False))
    (span,) = result.spans
    assert texts(result) == ["меня зовут [имя] спасибо"]
    assert (span.start, span.end) == pytest.approx((2.0 - MARGIN, 2.0 + 4 * STEP + MARGIN))


def test_words_that_are_not_those_of_the_text_betray_nothing() -> None:
    utterance = replace(said(CALLER, 2.0, "номер восемь девятьсот"), text="телефон 8 916 123-45-67")
    result = redacted(utterance)
    assert result.transcript.utterances[0].words == ()
    assert (result.spans[0].start, result.spans[0].end) == pytest.approx((1.9, 3.3))


def test_the_words_of_a_punctuating_engine_fit() -> None:
    result = redacted(said(CALLER, 0.5, "My name is John Smith, thanks."), language="en")
    assert texts(result) == ["My name is [name], thanks."]
    assert [word.text for word in result.transcript.utterances[0].words] == ["My", "name", "is", "[name]", "thanks."]


def test_redacting_the_redacted_changes_nothing() -> None:
    once = redacted(
        said(AGENT, 0.5, "здравствуйте меня зовут ольга как вас зовут"),
        said(CALLER, 5.0, "сергей петров телефон восемь девятьсот шестнадцать сто двадцать три"),
        said(CALLER, 12.0, "сорок пять шестьдесят семь живу на ленина пять"),
    )
    assert once.spans
    twice = redact_transcript(once.transcript)
    assert twice.spans == ()
    assert twice.transcript == once.transcript


def test_no_words_and_another_language_are_taken_as_they_are() -> None:
    assert redacted().spans == ()
    korean = redacted(said(CALLER, 0.5, "제 번호는 +82 2-312-3456 입니다"), language="ko")
    assert texts(korean) == ["제 번호는 [phone] 입니다"]


def test_four_hours_of_talk_are_bounded() -> None:
    lines = [
        said(AGENT if at % 2 else CALLER, at * 4.0, "да я понял заказ четыре один два восемь привезут пятого мая")
        for at in range(3_600)
    ]
    started = time.process_time()
    assert redacted(*lines).spans == ()
    assert time.process_time() - started < 60  # some 2 s; a bound against growth, not a measure
