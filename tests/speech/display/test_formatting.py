"""Numbers, dates, times, money and phones as a voice says them and as people read them: a line of text a case."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from speech.display.formatting import CASES, KINDS, declined, fault, shown, spoken

pytestmark = pytest.mark.unit

Line = tuple[str, str, str, str, str, str, str | None]


def lines(language: str) -> list[Line]:
    """``kind[.case][ noun] | value | said [| shown]`` as (language, kind, case, noun, value, said, shown)."""
    found = []
    for line in (Path(__file__).parents[1] / f"said.{language}.txt").read_text("utf-8").splitlines():
        if line.startswith("#") or not line:
            continue
        how, value, said, *seen = (part.strip() for part in line.split("|"))
        form, _, noun = how.partition(" ")
        kind, _, case = form.partition(".")
        found.append((language, kind, case or "nominative", noun, value, said, seen[0] if seen else None))
    return found


LINES = lines("ru") + lines("en")
ODD = (
    "",
    " ",
    "🙂",
    "9" * 400,
    "1" * 29,
    "1" * 19 + ".123456789",
    "NaN",
    "2026-13-01",
    "99:99",
    "1e5 RUB",
    "+",
    "-",
    "1e-9",
)


def test_there_are_enough_lines() -> None:
    assert len(lines("ru")) >= 120
    assert len(lines("en")) >= 80
    assert {line[1] for line in LINES} == set(KINDS)


@pytest.mark.parametrize(("language", "kind", "case", "noun", "value", "said", "seen"), LINES)
def test_said_and_shown(
    language: str, kind: str, case: str, noun: str, value: str, said: str, seen: str | None
) -> None:
    assert spoken(value, kind, language, case=case, noun=noun) == said
    if seen is not None:
        assert shown(value, kind, language, case=case, noun=noun) == seen


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("value", ODD)
def test_no_value_breaks_a_call(language: str, kind: str, value: str) -> None:
    assert isinstance(spoken(value, kind, language), str)
    assert isinstance(shown(value, kind, language), str)


@pytest.mark.parametrize("case", CASES)
def test_every_russian_number_has_words_in_every_case(case: str) -> None:
    """No digits are left for a voice that cannot read them."""
    for value in [*range(130), *range(150, 1000, 50), 1001, 2222, 99_999, 1_000_001, 999_999_999_999]:
        for kind in ("number", "ordinal", "count"):
            said = spoken(str(value), kind, "ru", case=case, noun="роза")
            assert re.fullmatch("[а-яё ]+", said), (kind, value, said)


def test_a_language_without_rules_is_said_as_it_is_shown() -> None:
    assert spoken("2026-11-24", "date", "ko") == shown("2026-11-24", "date", "ko") == "11월 24일"
    assert spoken("41", "digits", "ko") != "41"
    assert shown("15:30", "time", "ko") == "15:30"


@pytest.mark.parametrize(
    ("phrase", "case", "said"),
    [
        ("стрижка", "accusative", "стрижку"),
        ("женская стрижка", "accusative", "женскую стрижку"),
        ("Консультация флориста", "accusative", "Консультацию флориста"),
        ("букет «Утро»", "genitive", "букета «Утро»"),
        ("комнатные растения", "prepositional", "комнатных растениях"),
        ("подарки", "dative", "подаркам"),
        ("наш курьер", "accusative", "нашего курьера"),
        ("роза", "accusative", "розу"),
        ("на потом", "genitive", "на потом"),
        ("", "genitive", ""),
        ("Kalanchoe", "genitive", "Kalanchoe"),
    ],
)
def test_names_are_declined(phrase: str, case: str, said: str) -> None:
    assert declined(phrase, "ru", case) == said


def test_english_names_stay() -> None:
    assert declined("haircut", "en", "accusative") == "haircut"


@pytest.mark.parametrize(
    ("kind", "language", "case", "noun", "part"),
    [
        ("digit", "ru", "", "", "unknown format 'digit'; there are digits, number"),
        ("date", "ru", "genitiv", "", "unknown case 'genitiv'; there are nominative, genitive"),
        ("date", "en", "genitive", "", "Russian only"),
        ("count", "ru", "", "", "wants a noun"),
        ("count", "ru", "", "заказы", "nominative singular"),
        ("count", "ru", "", "щкфыв", "dictionary"),
        ("date", "ru", "", "год", ""),
        ("date", "ru", "", "year", "only 'год'"),
        ("time", "ru", "", "час", "takes no noun"),
        ("count", "ru", "genitive", "новый заказ", ""),
        ("count", "en", "", "order", ""),
        ("money", "ru", "accusative", "", ""),
    ],
)
def test_faults_of_a_wish(kind: str, language: str, case: str, noun: str, part: str) -> None:
    found = fault(kind, language, case=case, noun=noun)
    assert part in found
    assert bool(found) == bool(part)


def test_unknown_kind_and_case_are_the_programmers_mistake() -> None:
    with pytest.raises(ValueError, match="unknown kind 'dat'"):
        spoken("1", "dat", "ru")
    with pytest.raises(ValueError, match="unknown case 'vocative'"):
        shown("1", "date", "ru", case="vocative")
