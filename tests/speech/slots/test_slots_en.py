"""English phrases and the values they hold: each line of ``slots.en.txt``, and what holds for any text."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from speech.slots.contacts import e164
from speech.slots.inverse_text_normalization import written
from speech.slots.slots import KINDS, PACKAGES, corrected, find_slot
from speech.text.tokens import split, text_of, tokens
from tests.speech.slot_lines import Line, found, slot_lines

pytestmark = pytest.mark.unit

NOW = datetime.fromisoformat("2026-11-24T10:00")
LINES = slot_lines("en")
STRANGE = (
    "",
    "   ",
    "🙂 👍🏽",
    "где мой заказ",
    "주문 번호는 사천백이십칠입니다",
    "٣٤ ５６ ²",
    "İSTANBUL ẞ",
    "<script>alert(1)</script>",
    "'; drop table customers; --",
    "99/99/9999 25:61 +00000000000 @ . $",
    "in a million billion years",
    "in 99999999999999999999 days",
    "\x00\ud800",
    "1" * 5000,
)
LONG = ("five ", "no sorry ", "monday not ", "john at ", "main street ", "one hundred and ")


@pytest.mark.parametrize("line", LINES, ids=lambda line: f"{line.place} {line.kind}: {line.text}")
def test_line(line: Line) -> None:
    value = found(line)
    assert value == line.value
    assert type(value) is type(line.value)  # 1 is no true


def test_the_list_is_long_enough_and_mostly_older_than_the_rules() -> None:
    before = [line for line in LINES if line.before_rules]
    assert len(LINES) >= 400
    assert len(before) >= len(LINES) / 2
    assert {line.kind for line in LINES} == {*KINDS, "corrected", "written"}
    assert sum(line.value is None for line in LINES) >= len(LINES) / 10


@pytest.mark.parametrize("kind", KINDS)
def test_any_text_is_answered(kind: str) -> None:
    for text in (*STRANGE, *(phrase * 700 for phrase in LONG)):
        slot = find_slot(text, kind, "en", now=NOW)
        json.dumps(slot.value)
        assert (slot.confidence > 0) == (slot.value is not None)
        assert 0 <= slot.confidence <= 1
        assert 0 <= slot.first <= slot.last <= len(tokens(text))


def test_any_text_can_be_written_and_corrected() -> None:
    for text in (*STRANGE, *(phrase * 700 for phrase in LONG)):
        assert isinstance(written(text, "en"), str)
        assert corrected(text, "en") in text


@pytest.mark.parametrize(
    ("kind", "text", "where"),
    [
        ("digits", "my order number is four one two seven", "four one two seven"),
        ("date", "can i come on friday please", "friday"),
        ("name", "hello my name is john smith", "john smith"),
        ("digits", "four one two eight no sorry four one two seven", "four one two seven"),
        ("money", "it was about twenty dollars i think", "twenty dollars"),
        ("phone", "you can call 202-555-0143 any time", "202 555 0143"),
        ("datetime", "i'd like tomorrow at half past three", "tomorrow at half past three"),
    ],
)
def test_the_place_of_a_value(kind: str, text: str, where: str) -> None:
    slot = find_slot(text, kind, "en", now=NOW)
    assert " ".join(tokens(text)[slot.first : slot.last]) == where


def test_a_clear_answer_is_surer_than_a_passing_mention() -> None:
    clear = find_slot("four one two seven", "digits", "en", now=NOW)
    passing = find_slot("well i bought four things from you and never saw any of them", "digits", "en", now=NOW)
    assert clear.confidence > passing.confidence > 0


def test_dates_start_from_now() -> None:
    eve = datetime.fromisoformat("2027-12-31T23:30")
    assert find_slot("tomorrow", "date", "en", now=eve).value == "2028-01-01"
    assert find_slot("in an hour", "datetime", "en", now=eve).value == "2028-01-01T00:30"
    assert find_slot("february twenty ninth", "date", "en", now=eve).value == "2028-02-29"


def test_unknown_kinds_and_languages_name_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"kind 'colour' is not known; known are: number, "):
        find_slot("red", "colour", "en", now=NOW)
    for function in (corrected, written):
        with pytest.raises(ValueError, match="known are: ru, en"):
            function("x", "ko")
    assert set(PACKAGES) == {"ru", "en"}


def test_tokens_keep_their_places() -> None:
    text = "Call +1 (202) 555‑0143 at 5:30pm, O’Neil!"
    words = split(text)
    assert [word.text for word in words] == tokens(text)
    assert text_of(words) + words[-1].after == text
    assert [text[word.start : word.end] for word in words] == [word.raw for word in words]
    assert text_of(words[3:])[words[3].start :] == text[words[3].start : words[-1].end]


@pytest.mark.parametrize(
    ("digits", "region", "number"),
    [
        ("89161234567", "RU", "+79161234567"),
        ("9161234567", "RU", "+79161234567"),
        ("79161234567", "RU", "+79161234567"),
        ("8 (495) 123-45-67", "RU", "+74951234567"),
        ("02079460958", "GB", "+442079460958"),
        ("+442079460958", "RU", "+442079460958"),
        ("2025550143", "US", "+12025550143"),
        ("123", "US", None),
        ("0000000000", "US", None),
        ("1" * 40, "US", None),
        ("", "US", None),
        ("2025550143", "XX", None),
    ],
)
def test_phones(digits: str, region: str, number: str | None) -> None:
    assert (e164(digits, region) or (None,))[0] == number
