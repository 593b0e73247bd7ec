"""Postal addresses in running English: "221b baker street", "apartment four b", a street after "i live on"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from speech.redaction.line import BARRIER, TURN, TextLine, span_of
from speech.redaction.span import PrivateSpan
from speech.redaction.typed import without_overlaps
from speech.slots.english.addresses import POSTCODE, SIDES, STATES, STREETS, UNIT_WORDS, WHOLE
from speech.slots.english.names import not_names
from speech.slots.english.numerals import HESITATIONS, read_ordinal, read_run
from speech.text.tokens import Token, listed

CLEAR = frozenset(
    listed("street road avenue ave lane boulevard blvd rd terrace crescent parkway highway hwy pkwy st mews drive")
)
"""Words that are hardly ever anything but a street's."""
HOME = re.compile(
    r"(?:^| )(?:live[sd]?|living|address|deliver(?:ed|y)?|ship(?:ped)?|send|sent|moved?|reside\w*|located|house|home|"
    r"mail|stay\w*|pick (?:me|it) up|come to|residence)(?: \w+){0,5}$"
)
NOT_IN_NAME = frozenset(
    listed(
        "on at in is to of it's its live living address from near my the deliver send ship i'm i that's by for and or "
        "a an down across along up off number house building no apartment apt flat suite unit floor your our their "
        "this that left right other wrong same any every some your what which"
    )
)
CITY_STOPS = (
    NOT_IN_NAME - frozenset({"in"})
    | HESITATIONS
    | frozenset(
        listed(
            "please thanks thank okay yes and but so can could will would with phone my email zip postcode is was "
            "because"
        )
    )
)
NUMBER_UNITS = frozenset(
    listed(
        "minutes hours days weeks months years miles times people dollars pounds percent items feet meters blocks am pm"
    )
)
BETWEEN_PARTS = frozenset({"", "in", *"abcdefgh"})
"""Between a flat and its street: "flat four a twenty six queens road"."""
LONGEST_POSTCODE = 8
NAME = 4
CITY = 3
LOOK = 7


def find_places(line: TextLine) -> list[PrivateSpan]:
    """Addresses with a street and a number, a flat or a postal code, or a street that is told as somebody's."""
    words = line.words
    found: list[PrivateSpan] = []
    for at in range(len(words)):
        text = words[at].text
        if text in STREETS or text in WHOLE:
            span = _street(words, at)
            if span:
                found.append(span_of(words, *span, "address"))
        elif text == "box" and at and words[at - 1].text in {"o", "po"} and (run := read_run(words, at + 1)):
            found.append(span_of(words, at - (2 if words[at - 1].text == "o" and at > 1 else 1), run.last, "address"))
        elif text in UNIT_WORDS and text != "floor" and text != "unit" and (end := _unit(words, at)):
            found.append(span_of(words, at, end, "address"))
    found += _postcodes(line)
    return _joined(line.text, without_overlaps(sorted(found, key=lambda span: (span.start, -span.end))))


def _street(words: Sequence[Token], at: int) -> tuple[int, int] | None:
    kind = words[at].text
    following = words[at + 1].text if at + 1 < len(words) else ""
    if kind in STREETS and following in STREETS and following not in {"st", "dr"} and not _parted(words, at + 1):
        return None  # "park lane": the last word is the kind
    first = at
    while first > 0 and at - first < NAME and not _parted(words, first) and kind not in WHOLE:
        start = _ordinal(words, first)
        if start < first:
            first = start
            continue
        word = words[first - 1].text
        if word in NOT_IN_NAME or word in HESITATIONS or word in {BARRIER, TURN} or _number_ends(words, first):
            break
        if len(word) == 1 and first > 1 and _number_ends(words, first - 1) and word not in SIDES:
            break
        numbered = kind in CLEAR and first == at and first > 1 and _number_ends(words, first - 1)  # "55 water street"
        if (
            word in not_names()
            and not numbered
            and word not in {"new", "old", "market", "church", "bank", "high", "house"}
        ):
            break
        first -= 1
    if first == at and kind not in WHOLE:
        return None
    house = _house(words, first)
    last = at + 1
    while last < len(words) and words[last].text in SIDES and len(words[last].text) > 1:
        last += 1
    told = bool(HOME.search(_before(words, first)))
    if house == first and not (told and kind in CLEAR):
        return None
    last = _after(words, last)
    return _unit_before(words, house), last


def _ordinal(words: Sequence[Token], end: int) -> int:
    """Where an ordinal that ends here begins; ``end`` where none does."""
    for start in range(max(0, end - 2), end):
        ordinal = read_ordinal(words, start)
        number_and_place = end - start > 1 and words[start].text.isdecimal()  # "350 fifth avenue"
        if ordinal and ordinal.last == end and ordinal.value < 1000 and not number_and_place:
            return start
    return end


def _number_ends(words: Sequence[Token], end: int) -> bool:
    return read_run(words, end - 1) is not None


def _house(words: Sequence[Token], first: int) -> int:
    """Where the number of the house before a street's name begins; ``first`` where there is none."""
    end = first
    if end > 1 and len(words[end - 1].text) == 1 and words[end - 1].text.isalpha() and _number_ends(words, end - 1):
        end -= 1
    if end > 0 and words[end - 1].text in {"on", "and"} and end > 1 and _number_ends(words, end - 1):
        end -= 1
    start = end
    while start > 0 and end - start < 6 and _is_number(words, start - 1, inside=start < end):
        if end > start and _parted(words, start):
            break
        start -= 1
    if start == end:
        return first
    if start > 0 and words[start - 1].text in {"number", "house"}:
        start -= 1
    return start


def _is_number(words: Sequence[Token], at: int, *, inside: bool) -> bool:
    if read_run(words, at) or words[at].text in {"oh", "hundred"}:
        return True
    joining = words[at].text == "and" and at > 0 and words[at - 1].text in {"hundred", "thousand"}
    return inside and joining


def _after(words: Sequence[Token], last: int) -> int:
    """Index after the flat, city, state and postal code behind a street."""
    if end := _unit(words, last):
        last = end
    place = last
    if place < len(words) and words[place].text in {"in", "at"}:
        place += 1
    city = place
    while city < len(words) and city - place < CITY + 2:
        word = words[city].text
        if word in {BARRIER, TURN} or word in CITY_STOPS or read_run(words, city) or _ends(words, city):
            break
        known = word in STATES or f"{words[city - 1].text} {word}" in STATES or len(word) == 2
        if word in not_names() and word not in {"new", "saint", "st"} and not known:
            break
        city += 1
    plausible = city > place and (place == last or words[last].text == "in")
    end = city if plausible else last
    run = read_run(words, end) if end < len(words) else None
    if run and len(run.digits) == 5 and not _ends(words, end):
        return run.last
    return end


def _unit(words: Sequence[Token], at: int) -> int:
    """Index after a flat with its number that begins here; 0 where none does."""
    if at >= len(words) or words[at].text not in UNIT_WORDS:
        return 0
    place = at + 1
    if place < len(words) and words[place].text in {"number", "no"}:
        place += 1
    run = read_run(words, place) if place < len(words) else None
    if run:
        place = run.last
        if place < len(words) and words[place].text in NUMBER_UNITS:
            return 0
        letter = place < len(words) and len(words[place].text) == 1 and words[place].text.isalpha()
        if letter and (words[place].before == "" or words[place].text not in {"a", "i"}):
            place += 1
        return place
    one_letter = place < len(words) and len(words[place].text) == 1 and words[place].text not in {"a", "i"}
    return place + 1 if one_letter and words[place].text.isalpha() else 0


def _unit_before(words: Sequence[Token], first: int) -> int:
    if first and words[first - 1].text in UNIT_WORDS:  # "unit five eighteen mill lane"
        return first - 1
    for start in range(max(0, first - 4), first):
        if words[start].text in UNIT_WORDS and _unit(words, start) == first:
            return start
    return first


def _postcodes(line: TextLine) -> list[PrivateSpan]:
    """British postal codes as they are typed, "SW1A 1AA"."""
    found = _spoken_postcodes(line.words)
    for match in POSTCODE.finditer(line.text):
        before = line.text[match.start() - 1 : match.start()]
        code = match.group()
        if " " in code and not before.isalnum() and code[0].isalpha() and (code[:1].isupper() or _cued(line, match)):
            found.append(PrivateSpan(start=match.start(), end=match.end(), kind="address"))
    return found


def _spoken_postcodes(words: Sequence[Token]) -> list[PrivateSpan]:
    """ "postcode s w one a one a a"."""
    found = []
    for at in range(1, len(words)):
        cue = words[at].text == "postcode" or (words[at].text == "code" and words[at - 1].text in {"post", "postal"})
        start = end = at + 1
        while start < len(words) and words[start].text in {"is", "it's", "number"}:
            start = end = start + 1
        letters = digits = 0
        while cue and end < len(words) and end - start < LONGEST_POSTCODE:
            letter = len(words[end].text) == 1 and words[end].text.isalpha()
            if not letter and not read_run(words, end):
                break
            letters, digits, end = letters + letter, digits + (not letter), end + 1
        if letters >= 2 and digits >= 1:
            found.append(span_of(words, start, end, "address"))
    return found


def _cued(line: TextLine, match: re.Match[str]) -> bool:
    return bool(re.search(r"(?:post ?code|zip)\W+(?:\w+\W+){0,2}$", line.text[: match.start()][-40:], re.I))


def _joined(text: str, spans: list[PrivateSpan]) -> list[PrivateSpan]:
    """Parts of one address that only a comma or "in" parts are one."""
    joined: list[PrivateSpan] = []
    for span in spans:
        if joined and text[joined[-1].end : span.start].strip(" ,").lower() in BETWEEN_PARTS:
            joined[-1] = PrivateSpan(start=joined[-1].start, end=span.end, kind="address")
        else:
            joined.append(span)
    return joined


def _ends(words: Sequence[Token], at: int) -> bool:
    return bool(re.search(r"[.!?;\n]", words[at].before)) and len(words[at - 1].text) > 2


def _parted(words: Sequence[Token], at: int) -> bool:
    return "," in words[at].before or _ends(words, at)


def _before(words: Sequence[Token], at: int) -> str:
    said: list[str] = []
    for place in range(at - 1, max(-1, at - 1 - LOOK), -1):
        if words[place].text == BARRIER:
            break
        if words[place].text != TURN:
            said.insert(0, words[place].text)
    return " ".join(said)
