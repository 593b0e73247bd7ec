"""What Russian callers say, and the value it holds: every line of slots.ru.txt, and what must hold of any text."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from speech.slots.inverse_text_normalization import written
from speech.slots.slots import KINDS, corrected, find_slot
from speech.text.tokens import tokens

pytestmark = pytest.mark.unit

FILE = Path(__file__).parents[1] / "slots.ru.txt"
LINES = [
    [part.strip() for part in line.split(" | ")]
    for line in FILE.read_text("utf-8").splitlines()
    if line.strip() and not line.startswith("#")
]
NOW = datetime.fromisoformat(LINES[0][1])
CASES = LINES[1:]
ODD = [
    "",
    "   ",
    "😀 🎉",
    "hello world",
    "你好 世界",
    "\x00\u200d\ufeff",
    "<script>alert(1)</script>",
    "9" * 5_000,
    "тысяча " * 1_000,
    "минус " * 2_000,
    "не пять а " * 600,
    "нет " * 2_000,
    "иван точка " * 900 + "собака яндекс точка ру",
    "1.1.1." * 600,
    "через 99999999999999999999 лет в 99 часов",
    "тридцать второго мая двадцать пять шестьдесят",
]


def value(kind: str, text: str) -> object:
    if kind == "written":
        return written(text, "ru")
    if kind == "corrected":
        return corrected(text, "ru")
    return find_slot(text, kind, "ru", now=NOW).value


@pytest.mark.parametrize(("kind", "text", "wanted"), CASES, ids=[f"{kind}: {text}" for kind, text, _ in CASES])
def test_line(kind: str, text: str, wanted: str) -> None:
    assert value(kind, text) == json.loads(wanted)


def test_the_list_is_as_broad_as_promised() -> None:
    kinds = [kind for kind, _, _ in CASES]
    assert len(CASES) >= 420
    assert set(kinds) >= set(KINDS)
    assert sum(wanted == "null" for _, _, wanted in CASES) >= len(CASES) / 10


@pytest.mark.parametrize("kind", KINDS)
def test_an_answer_is_the_same_however_it_is_typed(kind: str) -> None:
    for text in (text for own, text, _ in CASES if own == kind):
        slot = find_slot(text, kind, "ru", now=NOW)
        louder = find_slot(f"{text}!", kind, "ru", now=NOW)
        assert (louder.value, louder.first, louder.last) == (slot.value, slot.first, slot.last), text
        assert kind == "name" or find_slot(text.replace("ё", "е"), kind, "ru", now=NOW) == slot, text


@pytest.mark.parametrize("kind", KINDS)
def test_a_slot_knows_where_it_was_said_and_how_sure_it_is(kind: str) -> None:
    for text in (text for own, text, _ in CASES if own == kind):
        slot = find_slot(text, kind, "ru", now=NOW)
        if slot.value is None:
            assert (slot.confidence, slot.first, slot.last) == (0, 0, 0), text
        else:
            assert 0 < slot.confidence <= 1, text
            assert 0 <= slot.first < slot.last <= len(tokens(text)), text


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_odd_texts_are_survived(text: str) -> None:
    for kind in KINDS:
        found = find_slot(text, kind, "ru", now=NOW).value
        assert found is None or json.dumps(found)
    assert isinstance(corrected(text, "ru"), str)
    assert isinstance(written(text, "ru"), str)


@pytest.mark.parametrize("days", range(7))
def test_a_weekday_lies_ahead_on_whatever_day_it_is_said(days: int) -> None:
    now = NOW + timedelta(days=days)
    for place, name in enumerate(("понедельник", "вторник", "среду", "четверг", "пятницу", "субботу", "воскресенье")):
        day = datetime.fromisoformat(str(find_slot(f"в {name}", "date", "ru", now=now).value))
        assert day.weekday() == place
        assert timedelta(0) < day - now.replace(hour=0) <= timedelta(days=7)


def test_a_time_that_has_passed_today_is_tomorrow() -> None:
    late = NOW.replace(hour=18)
    assert find_slot("в пять вечера", "datetime", "ru", now=late).value == "2026-11-25T17:00"
    assert find_slot("через семь часов", "datetime", "ru", now=late).value == "2026-11-25T01:00"


def test_an_unclear_hour_is_less_sure_than_a_plain_one() -> None:
    vague, plain = (find_slot(text, "time", "ru", now=NOW) for text in ("после обеда", "в два часа дня"))
    assert vague.value == plain.value == "14:00"
    assert vague.confidence < 0.5 < plain.confidence


@pytest.mark.parametrize(
    ("region", "said", "phone"),
    [
        ("", "8 495 123 45 67", "+74951234567"),
        ("BY", "8 029 123 45 67", "+375291234567"),
        ("KZ", "восемь семьсот один сто двадцать три сорок пять шестьдесят семь", "+77011234567"),
    ],
)
def test_a_trunk_prefix_belongs_to_its_country(region: str, said: str, phone: str) -> None:
    assert find_slot(said, "phone", "ru", now=NOW, region=region).value == phone


def test_what_is_no_number_stays_as_it_was_written() -> None:
    text = "Здравствуйте!  Один мой знакомый — «первый» клиент; позвоните в среду…"
    assert written(text, "ru") == text
