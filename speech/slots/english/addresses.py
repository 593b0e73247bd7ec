"""Addresses to the city, street and house: "twenty five main street springfield" is "25 Main Street, Springfield"."""

from __future__ import annotations

import re

from speech.slots.english.names import not_names
from speech.slots.english.numerals import (
    HESITATIONS,
    TENS,
    UNITS,
    Words,
    joined,
    new_sentence,
    phrase_at,
    read_ordinal,
    read_run,
    word_at,
)
from speech.slots.slots import NOTHING, Slot
from speech.text.tokens import listed, text_of, tokens

STREETS = {
    "street": "Street",
    "st": "Street",
    "road": "Road",
    "rd": "Road",
    "avenue": "Avenue",
    "ave": "Avenue",
    "av": "Avenue",
    "lane": "Lane",
    "ln": "Lane",
    "drive": "Drive",
    "dr": "Drive",
    "ct": "Court",
    "pl": "Place",
    "sq": "Square",
    "hwy": "Highway",
    "pkwy": "Parkway",
    "cres": "Crescent",
    "boulevard": "Boulevard",
    "blvd": "Boulevard",
} | {
    name: name.capitalize()
    for name in listed(
        "court place square close terrace highway parkway crescent gardens row hill way circle trail alley "
        "quay mews grove walk plaza loop"
    )
}
"""Words for a street; the short forms of typed addresses are written out."""
WHOLE = frozenset({"broadway", "piccadilly", "strand", "whitehall"})
"""Streets without such a word."""
UNIT_WORDS = {
    "apartment": "Apartment",
    "apt": "Apartment",
    "flat": "Flat",
    "suite": "Suite",
    "unit": "Unit",
    "floor": "Floor",
}
SIDES = frozenset(listed("north south east west northeast northwest southeast southwest n s e w nw ne sw se"))
CUES = frozenset(
    listed("at on in is to of it's its live living address from near my the deliver send ship i'm i that's by for and")
)
BETWEEN = ("in the city of", "in the town of", "city of", "in", "city", "at", "on")
NUMBERED = frozenset({"number", "house", "building", "no"})
POSTCODE = re.compile(r"(?:\d{5}(?:-\d{4})?|[a-z]{1,2}\d[a-z\d]? ?\d[a-z]{2})(?!\w)", re.I)
"""American and British."""
STATES = frozenset(
    listed(
        "alabama alaska arizona arkansas california colorado connecticut delaware florida georgia hawaii "
        "idaho illinois indiana iowa kansas kentucky louisiana maine maryland massachusetts michigan "
        "minnesota mississippi missouri montana nebraska nevada ohio oklahoma oregon pennsylvania tennessee "
        "texas utah vermont virginia washington wisconsin wyoming"
    )
) | {f"new {name}" for name in ("hampshire", "jersey", "mexico", "york")}
STATES |= {f"{side} {name}" for side in ("north", "south") for name in ("carolina", "dakota")}
STATES |= {"rhode island", "west virginia"}
LONGEST = 4
"""Words of a street's or a city's name."""


def find_address(words: Words) -> Slot:
    """The address with its street and what else was said of house, flat, city and state."""
    for at in range(len(words)):
        kind = word_at(words, at)
        if kind not in STREETS and kind not in WHOLE:
            continue
        if kind in STREETS and word_at(words, at + 1) in STREETS and word_at(words, at + 1) not in ("st", "dr"):
            continue  # "hill road", "park lane": the last word is the kind
        name, first = _street_name(words, at)
        if not name and kind not in WHOLE:
            continue
        street = " ".join([*name, STREETS.get(kind) or kind.capitalize()])
        last = at + 1
        if word_at(words, last) in SIDES and len(word_at(words, last)) > 1:
            side = words[last].text
            street, last = f"{street} {side.upper() if len(side) == 2 else side.capitalize()}", last + 1
        house, first = _house_before(words, first)
        if not house:
            house, last = _house_after(words, last)
        flat, last = _flat(words, last)
        if not flat:
            flat, first = _flat_before(words, first)
        city, last = _city(words, last)
        if not city:
            city, first = _city_before(words, first)
        parts = [part for part in (f"{house} {street}".strip(), flat, city) if part]
        sure = 0.9 if house and city else 0.8 if house or city else 0.6
        return Slot(value=", ".join(parts), confidence=sure, first=first, last=last)
    return NOTHING


def _street_name(words: Words, at: int) -> tuple[list[str], int]:
    """Words of the name before "street" at ``at``, and the index of the first."""
    name: list[str] = []
    first = at
    while first > 0 and len(name) < LONGEST and not _parted(words, first):
        start, ordinal = _ordinal_before(words, first)
        if ordinal:
            name.insert(0, ordinal)
            first = start
            continue
        word = words[first - 1]
        numeral = read_run(words, first - 1) is not None
        if numeral or word.text in CUES or word.text in HESITATIONS or word.text in UNIT_WORDS:
            break
        if len(word.text) == 1 and first > 1 and read_run(words, first - 2) and word.text not in SIDES:
            break  # the letter of a house: 221 b
        if word.text in NUMBERED or (
            word.text in not_names() and word.text not in ("new", "old", "market", "church", "bank")
        ):
            break
        name.insert(0, _title(word.raw))
        first -= 1
    return name, first


def _ordinal_before(words: Words, end: int) -> tuple[int, str]:
    """An ordinal that ends here, "fifth" or "42nd", and where it begins: 11 and more are written in digits."""
    for start in range(max(0, end - 2), end):
        ordinal = read_ordinal(words, start)
        if words[start].text in TENS and (word_at(words, start - 1) in UNITS or word_at(words, start - 1) == "and"):
            continue  # "three fifty fifth avenue": 350 Fifth Avenue
        if ordinal and ordinal.last == end and ordinal.value < 1000:
            typed = words[start].text.isdecimal()
            word = words[end - 1].text.capitalize()
            return start, word if ordinal.value <= 10 and not typed else ordinal_digits(ordinal.value)
    return end, ""


def ordinal_digits(value: int) -> str:
    """21 → ``21st``."""
    teen = 10 <= value % 100 < 20
    return f"{value}{'th' if teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(value % 10, 'th')}"


def _house_before(words: Words, end: int) -> tuple[str, int]:
    """The number that ends here with its letter, and where it begins."""
    letter, at = "", end
    last = word_at(words, at - 1)
    if at > 1 and len(last) == 1 and last.isalpha() and (last not in ("a", "i") or joined(words, at - 1)):
        letter, at = last.upper(), at - 1
    if word_at(words, at - 1) in ("on", "in") and any(word.text in NUMBERED for word in words[max(0, at - 5) : at]):
        at -= 1  # "house number twelve on church lane"
    for start in range(max(0, at - 8), at):
        if word_at(words, start - 1) in UNIT_WORDS:
            continue  # "flat two ten park road": the two is the flat's
        run = read_run(words, start)
        if run and run.last == at and len(run.digits) <= 6 and words[start].text not in ("a", "an"):
            first = start - 1 if word_at(words, start - 1) in NUMBERED else start
            return run.digits + letter, first
    return "", end


def _house_after(words: Words, at: int) -> tuple[str, int]:
    """The number behind the street, as people say whose language has it there: "baker street twenty five"."""
    start = at + phrase_at(words, at, "house number", "building number", "number", "house", "building")
    run = read_run(words, start)
    if run is None or len(run.digits) > 4 or new_sentence(words, start):
        return "", at
    last = run.last
    letter = word_at(words, last)
    if len(letter) == 1 and letter.isalpha() and joined(words, last):
        return run.digits + letter.upper(), last + 1
    return run.digits, last


def _flat(words: Words, at: int) -> tuple[str, int]:
    """Apartment four, flat 2b, floor three."""
    kind = UNIT_WORDS.get(word_at(words, at))
    start = at + 1 + phrase_at(words, at + 1, "number")
    run = read_run(words, start) if kind else None
    if kind is None or run is None:
        return "", at
    letter = word_at(words, run.last)
    if len(letter) == 1 and letter.isalpha() and (letter != "a" or joined(words, run.last)):
        return f"{kind} {run.digits}{letter.upper()}", run.last + 1
    return f"{kind} {run.digits}", run.last


def _flat_before(words: Words, end: int) -> tuple[str, int]:
    """A flat named before the house: "flat two, ten park road"."""
    for start in range(max(0, end - 4), end):
        flat, last = _flat(words[:end], start)
        if flat and last == end:
            return flat, start
    return "", end


def _city(words: Words, at: int) -> tuple[str, int]:
    """City, state and postal code behind the street; typed commas stay."""
    at += phrase_at(words, at, *BETWEEN)
    city: list[str] = []
    while at < len(words) and len(city) <= LONGEST:
        word = words[at]
        if city and (code := POSTCODE.match(text_of(words[at:]).lstrip(" ,"))):
            last = at + len(tokens(code.group()))
            return f"{_with_state(city)} {code.group().upper()}", last
        ends = new_sentence(words, at) or word.text in HESITATIONS or (word.text in not_names() and word.text != "new")
        if ends or read_run(words, at):
            break
        if city and "," in word.before:
            city[-1] += ","
        city.append(word.raw if word.raw.isupper() and len(word.raw) == 2 else _title(word.raw))
        at += 1
    return _with_state(city), at


def _with_state(city: list[str]) -> str:
    """City and state with a comma between them."""
    for length in (2, 1):
        if len(city) > length and " ".join(city[-length:]).lower() in STATES and not city[-length - 1].endswith(","):
            return f"{' '.join(city[:-length])}, {' '.join(city[-length:])}"
    return " ".join(city)


def _city_before(words: Words, end: int) -> tuple[str, int]:
    """City named before the address: "springfield, 25 main street", "in london at 10 downing street"."""
    at = end
    while at > 0 and words[at - 1].text in ("at", "on"):
        at -= 1
    last = at
    while (
        at > 0
        and last - at < 2
        and words[at - 1].text not in not_names() | CUES | HESITATIONS
        and not read_run(words, at - 1)
    ):
        at -= 1
    cued = at < last and (at == 0 or word_at(words, at - 1) in ("in", "is"))
    return (" ".join(_title(word.raw) for word in words[at:last]), at) if cued else ("", end)


def _parted(words: Words, at: int) -> bool:
    return "," in words[at].before or new_sentence(words, at)


def _title(raw: str) -> str:
    return raw if raw[:1].isupper() and not raw.isupper() else raw.capitalize()
