"""Addresses to the city, street and house: "Москва, улица Ленина, 5, кв. 12"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from speech.slots.russian.grammar import forms, parses, table
from speech.slots.russian.numerals import numeral_at
from speech.slots.slots import NOTHING, Slot
from speech.text.tokens import Token, lemma

STREETS = table(
    {
        "улица": "улица улице улицу улицы ул",
        "проспект": "проспект проспекте проспекту проспекта пр просп",
        "переулок": "переулок переулке переулка пер",
        "бульвар": "бульвар бульваре бульвара бул",
        "площадь": "площадь площади пл",
        "набережная": "набережная набережной набережную наб",
        "проезд": "проезд проезде проезда",
        "шоссе": "шоссе ш",
        "аллея": "аллея аллее аллею аллеи",
        "тупик": "тупик тупике",
        "микрорайон": "микрорайон микрорайоне мкр",
    }
)
FEMININE = frozenset({"улица", "площадь", "набережная", "аллея"})
HOUSE = frozenset(forms("дом дома доме д"))
FLAT = table({"кв.": "квартира квартиру кв", "офис": "офис", "корп.": "корпус корп", "стр.": "строение"})
CITY_WORDS = frozenset(forms("город города городе г"))
VILLAGES = frozenset(forms("деревня деревне село селе поселок поселке пос станица"))
INTO = CITY_WORDS | VILLAGES | {"в", "из", "по"}
"""After these a place stands in another case."""
CITIES = table(
    {
        "Санкт-Петербург": "питер питере питера спб петербург петербурге",
        "Москва": "мск",
        "Екатеринбург": "екб",
    }
)
LONG_CITIES = {
    ("санкт", "петербург"): "Санкт-Петербург",
    ("нижний", "новгород"): "Нижний Новгород",
    ("великий", "новгород"): "Великий Новгород",
    ("ростов", "на", "дон"): "Ростов-на-Дону",
    ("набережный", "челны"): "Набережные Челны",
    ("йошкар", "ола"): "Йошкар-Ола",
    ("улан", "удэ"): "Улан-Удэ",
    ("старый", "оскол"): "Старый Оскол",
    ("сергиев", "посад"): "Сергиев Посад",
    ("южный", "сахалинск"): "Южно-Сахалинск",
    ("минеральный", "вода"): "Минеральные Воды",
}
"""Lemmas → name."""
STOPS = frozenset(forms("в во на и а у я мы с со это пожалуйста спасибо рядом около возле напротив живу для"))
IN_NAMES = frozenset(forms("марта мая января октября лет года"))
"""After a number these make it part of a street's name."""
HOUSE_LETTERS = frozenset("абвгд")
LONGEST = 3
"""Words of a street's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A piece of an address and the words that said it."""

    text: str
    first: int
    last: int


def address(words: Sequence[Token]) -> Slot:
    """City, street and numbers as far as they were said, in that order; None without a city or a street."""
    street = _street(words)
    city = _city(words, street)
    if not street and not city:
        return NOTHING
    numbers = _numbers(words, street.last) if street else []
    said = [part for part in (city, street, *numbers) if part]
    confidence = 0.85 if city and street else 0.7 if street else 0.5
    return Slot(
        value=", ".join(part.text for part in said),
        confidence=confidence,
        first=min(part.first for part in said),
        last=max(part.last for part in said),
    )


def _street(words: Sequence[Token]) -> Part | None:
    """ "улица Ленина", "Невский проспект", "на Тверской"."""
    for at, word in enumerate(words):
        kind = STREETS.get(word.text)
        if not kind or (
            len(word.text) <= 2
            and word.text != "ул"
            and not (at + 1 < len(words) and words[at + 1].before.startswith("."))
        ):
            continue
        first = at
        while (
            first > 0
            and at - first < LONGEST
            and _adjective(words[first - 1].text)
            and words[first - 1].text not in CITIES
        ):
            first -= 1
        if first < at:
            names = [_agreeing(words[place], kind) for place in range(first, at)]
            return Part(text=f"{' '.join(names)} {kind}", first=first, last=at + 1)
        last = _name_end(words, at + 1)
        if last > at + 1:
            names = [_spelled(words[place], place > at + 1) for place in range(at + 1, last)]
            return Part(text=f"{kind} {' '.join(names)}", first=at, last=last)
    for at in range(1, len(words)):
        if words[at - 1].text == "на" and _adjective(words[at].text) and _feminine_place(words[at].text):
            return Part(text=_agreeing(words[at], "улица"), first=at, last=at + 1)
    return None


def _name_end(words: Sequence[Token], at: int) -> int:
    """The index after a street's name; numbers belong to it in "8 Марта" and "40 лет Победы"."""
    start = at
    numeral = numeral_at(words, at) if at < len(words) else None
    if numeral and numeral.last < len(words) and words[numeral.last].text in IN_NAMES:
        at = numeral.last + 1
    while at < len(words) and at - start < LONGEST:
        text = words[at].text
        if ("," in words[at].before and at > start) or not text.isalpha() or text in STOPS | HOUSE | CITY_WORDS:
            break
        if text in FLAT or numeral_at(words, at) or _city_at(words, at):
            break
        at += 1
    return at


def _city(words: Sequence[Token], street: Part | None) -> Part | None:
    """The first city that stands outside the street's name."""
    for at in range(len(words)):
        if street and street.first <= at < street.last:
            continue
        if found := _city_at(words, at):
            return found
    return None


def _city_at(words: Sequence[Token], at: int) -> Part | None:
    """A city that begins with this word, in the nominative."""
    for length in (3, 2):
        name = LONG_CITIES.get(tuple(lemma(word.text, "ru") for word in words[at : at + length]))
        if name:
            return Part(text=name, first=at, last=at + length)
    text = words[at].text
    if text in CITIES:
        return Part(text=CITIES[text], first=at, last=at + 1)
    if not text.isalpha() or numeral_at(words, at):
        return None
    named = at > 0 and words[at - 1].text in CITY_WORDS | VILLAGES
    for reading in parses(words[at].raw.lower()):
        cases = {"nomn", "loct", "gent"} if at and words[at - 1].text in INTO else {"nomn"}
        place = "Geox" in reading.tag and reading.tag.case in cases and reading.tag.number == "sing"
        if (place and reading.score >= 0.1) or (named and "NOUN" in reading.tag):
            return Part(text=str(reading.normal_form).title(), first=at, last=at + 1)
    return None


def _numbers(words: Sequence[Token], at: int) -> list[Part]:
    """House, building and flat behind a street: "дом пять корпус два квартира двенадцать"."""
    found: list[Part] = []
    label, house = "", False
    while at < len(words):
        text, numeral = words[at].text, numeral_at(words, at)
        if text in FLAT:
            label = FLAT[text]
        elif numeral and not numeral.ordinal and (label or not house):
            letter = words[numeral.last].text if numeral.last < len(words) and not label else ""
            last = numeral.last + 1 if letter in HOUSE_LETTERS else numeral.last
            suffix = letter.upper() if letter in HOUSE_LETTERS else ""
            found.append(Part(text=f"{label} {numeral.value}{suffix}".strip(), first=at, last=last))
            label, house, at = "", True, last
            continue
        elif text == "дробь" and found and at + 1 < len(words) and (part := numeral_at(words, at + 1)):
            found[-1] = Part(text=f"{found[-1].text}/{part.value}", first=found[-1].first, last=part.last)
            at = part.last
            continue
        elif text not in HOUSE:
            break
        at += 1
    return found


def _spelled(word: Token, following: bool) -> str:
    """A word of a name as it is written there: small where it counts ("лет", "марта" keep theirs after a number)."""
    return (
        word.raw.lower() if following and word.text in {"лет", "года"} else word.raw[:1].upper() + word.raw[1:].lower()
    )


def _adjective(text: str) -> bool:
    return any("ADJF" in reading.tag and reading.score >= 0.1 for reading in parses(text)[:4])


def _feminine_place(text: str) -> bool:
    return any("femn" in reading.tag and reading.tag.case == "loct" for reading in parses(text))


def _agreeing(word: Token, kind: str) -> str:
    """An adjective in the nominative, in the gender of the kind of street: "на невском проспекте" is "Невский"."""
    gender = "femn" if kind in FEMININE else "neut" if kind == "шоссе" else "masc"
    for reading in parses(word.raw.lower()):
        if "ADJF" in reading.tag and (form := reading.inflect({"nomn", "sing", gender})):
            return str(form.word).capitalize()
    return word.raw.capitalize()
