"""Postal addresses in running Russian speech: a street with its house, a flat, a home after "живу"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from speech.redaction.line import BARRIER, TURN, TextLine, span_of
from speech.redaction.span import PrivateSpan
from speech.redaction.typed import without_overlaps
from speech.slots.russian.addresses import CITY_WORDS, IN_NAMES, STOPS, STREETS, VILLAGES
from speech.slots.russian.grammar import parses
from speech.slots.russian.numerals import numeral_at
from speech.text.tokens import Token, listed

KINDS = frozenset(STREETS) | frozenset(
    listed("улицей проспектом переулком бульваром площадью набережные проездом квартал квартале линия просека")
)
"""Words for streets; the short ones count with a point or a number behind."""
HOUSE = frozenset(listed("дом дома доме д домом владение вл"))
PARTS = frozenset(
    listed(
        "корпус корпусе корп к строение строении стр литера литер лит квартира квартиру квартире квартиры кв офис оф "
        "подъезд подъезде этаж этаже комната комн домофон код блок секция парадная"
    )
)
FLAT = frozenset(listed("квартира квартиру квартире квартиры кв"))
REGIONS = frozenset(listed("область области обл край края краю район района районе республика республике округ"))
HOME = re.compile(
    r"(?:^| )(?:жив(?:у|ем|ет|ут)|прожива\w+|прописан\w*|прописк\w+|зарегистрирован\w*|регистраци\w+|адрес\w*|"
    r"достав\w+|привез\w+|привоз\w+|приезжа\w+|отправ\w+|вези\w+|подъезжа\w+|ехать|живем|забрать с|вызов\w*|"
    r"переехал\w*|нахожусь|находимся)(?: \w+){0,4}$"
)
"""After these a street is somebody's home."""
LETTERS = frozenset("абвгдежз")
NAME = 3
"""Words of a street's name."""
TAIL = 24
LEAD = 6
"""Words before a street that are looked at for a city or a region."""
LOOK = 7
WORDS_INSIDE = frozenset(listed("номер э ну это потом дальше и а там вот дробь"))
UNITS = frozenset(
    listed("рублей рубля рубль часов часа час минут минуты дней дня процентов штук лет года раз раза человек килограмм")
)
CITY_PARTS = frozenset(listed("санкт нижний великий набережные ростов дону старый йошкар улан спб питер питере мск"))
"""Words of cities that the dictionary does not know for such."""
INDEX = 6
"""Digits of a postal code."""


def find_places(line: TextLine) -> list[PrivateSpan]:
    """Addresses with at least a street and a number, a flat, or a street that is told as somebody's."""
    words = line.words
    found: list[PrivateSpan] = []
    at = 0
    while at < len(words):
        span = _place(words, at)
        if span:
            first, last = span
            found.append(span_of(words, first, last, "address"))
        at = span[1] if span else at + 1
    return without_overlaps(found)


def _place(words: Sequence[Token], at: int) -> tuple[int, int] | None:
    """First and last (exclusive) word of an address whose street or flat stands here."""
    word = words[at]
    if _is_kind(words, at):
        return _street(words, at)
    if word.text in FLAT and (end := _numbers(words, at)) > at + 1:
        return _with_lead(words, at), end
    if word.text in HOUSE and len(word.text) > 1 and (end := _numbers(words, at)) > at + 1:
        text = [token.text for token in words[at:end]]
        if at > 1 and words[at - 2].text in {"на", "по"} and _adjective(words[at - 1]):
            return _with_lead(words, at - 1), end  # "на садовой дом восемь"
        told = bool(HOME.search(_before(words, at)))
        return (_with_lead(words, at), end) if told or any(part in PARTS for part in text) else None
    if _bare_street(words, at):
        end = _numbers(words, at + 1)
        return _with_lead(words, at), end
    return None


def _is_kind(words: Sequence[Token], at: int) -> bool:
    word = words[at]
    if word.text not in KINDS:
        return False
    if len(word.text) > 3:
        return True
    return word.after.startswith(".") or word.text in {"ул", "мкр", "наб", "бул"}


def _street(words: Sequence[Token], at: int) -> tuple[int, int] | None:
    first = at
    while first > 0 and at - first < NAME and _adjective(words[first - 1]) and not _parted(words, first):
        first -= 1
    last = at + 1
    if first < at and not _numeral(words, last) and last < len(words) and _in_name(words, last, inside=False):
        first = at  # "посёлок лесной улица центральная"
    numeral = numeral_at(words, last) if last < len(words) else None
    if numeral and numeral.last < len(words) and words[numeral.last].text in IN_NAMES:
        last = numeral.last + 1
    if first == at or last > at + 1:
        start = last
        while last < len(words) and last - start < NAME and _in_name(words, last, inside=last > start):
            last += 1
    if first == at and last == at + 1:
        return None
    end = _numbers(words, last)
    told = bool(HOME.search(_before(words, first)))
    if end == last and not told:
        return None
    return _with_lead(words, first), end


def _in_name(words: Sequence[Token], at: int, *, inside: bool) -> bool:
    word = words[at]
    if not word.text.isalpha() or word.text in STOPS | HOUSE | PARTS | KINDS or word.text in {BARRIER, TURN}:
        return False
    if (inside and _parted(words, at)) or numeral_at(words, at):
        return False
    tag = parses(word.text)[0].tag
    if tag.POS in {"VERB", "INFN", "ADVB", "NPRO", "CONJ", "PREP", "PRCL", "PRED"} and not word.raw[:1].isupper():
        return False
    return not inside or "gent" in str(tag) or "Name" in tag or "Surn" in tag or word.raw[:1].isupper()


def _numbers(words: Sequence[Token], at: int) -> int:
    """Index after house, building, entrance, floor and flat; the index itself where no number follows."""
    start = place = end = at
    while place < len(words) and place - start < TAIL:
        word = words[place].text
        if word in {BARRIER, TURN}:
            break
        after = _numeral(words, place)
        if after and after < len(words) and words[after].text in UNITS:
            break
        if after:
            named = place > start and words[place - 1].text in HOUSE | PARTS | WORDS_INSIDE
            if end > start and not named and not _slash(words, place):
                if end == place and "," not in words[place].before and _digits(words, end - 1) <= 3:
                    pass  # "ленина пять двенадцать": house and flat
                else:
                    break
                if _row_follows(words, after):
                    break
            place = end = after
            if place < len(words) and words[place].text in LETTERS and not words[place].before.strip(" "):
                joined = words[place].before == "" or _ends_letter(words, place)
                if joined:
                    place += 1
                    end = place
            continue
        letter = end > start and words[place - 1].text in HOUSE | PARTS and word in LETTERS
        if word in HOUSE | PARTS | WORDS_INSIDE or letter:
            place += 1
            if letter:
                end = place
            continue
        break
    return end


def _row_follows(words: Sequence[Token], at: int) -> bool:
    """Whether further digits follow: a phone, not a flat."""
    return bool(_numeral(words, at))


def _slash(words: Sequence[Token], at: int) -> bool:
    return words[at].before in {"/", "-"}


def _digits(words: Sequence[Token], at: int) -> int:
    return len(words[at].text) if words[at].text.isdecimal() else 1


def _ends_letter(words: Sequence[Token], at: int) -> bool:
    """Whether a single letter belongs to the house and does not begin a phrase: "дом пять а квартира два"."""
    following = words[at + 1].text if at + 1 < len(words) else ""
    return following in PARTS | {""} or words[at].text not in {"а", "в", "с", "и"}


def _numeral(words: Sequence[Token], at: int) -> int:
    """Index after the cardinal or typed number here; 0 where none is."""
    if at >= len(words) or words[at].text in {BARRIER, TURN}:
        return 0
    numeral = numeral_at(words, at)
    if numeral is None:
        return 0
    if numeral.ordinal and numeral.last - 1 > at and not words[at].text.isdecimal():
        return numeral.last - 1  # "квартира сорок третий подъезд"
    alone = numeral.ordinal and not words[at].text.isdecimal()
    return 0 if alone else numeral.last


def _bare_street(words: Sequence[Token], at: int) -> bool:
    """ "на ленина пять", "адрес гагарина двенадцать квартира три": a street without its word."""
    word = words[at]
    if not word.text.isalpha() or len(word.text) < 4 or word.text in STOPS | HOUSE | PARTS:
        return False
    numeral = _numeral(words, at + 1)
    if not numeral or _row_follows(words, numeral) or (numeral < len(words) and words[numeral].text in UNITS):
        return False
    tag = parses(word.text)[0].tag
    own = ("Surn" in tag or "Geox" in tag) and tag.case in {"gent", "loct", "accs"}
    adjective = tag.POS == "ADJF" and "femn" in str(tag) and str(tag.case) in {"loct", "gent", "datv", "nomn", "accs"}
    genitive = tag.POS == "NOUN" and tag.case == "gent"
    further = words[numeral].text if numeral < len(words) else ""
    before = words[at - 1].text if at else ""
    told = bool(HOME.search(_before(words, at)))
    if own and (before in {"на", "по"} or told or further in PARTS):
        return True
    if adjective and before in {"на", "по"} and (told or further in PARTS | {"дом"}):
        return _is_place_like(word.text)
    return bool((adjective or genitive) and (further in FLAT or words[at + 1].text in {"дом"}))


def _is_place_like(word: str) -> bool:
    return word.endswith(("ской", "цкой", "ная", "ной", "овой", "ская", "ную"))


def _adjective(word: Token) -> bool:
    if not word.text.isalpha() or word.text in STOPS | KINDS or word.text in {BARRIER, TURN}:
        return False
    return any("ADJF" in reading.tag and "Apro" not in reading.tag for reading in parses(word.text)[:6])


def _with_lead(words: Sequence[Token], first: int) -> int:
    """Index of the city, region or postal code before a street; the street's own where none stands there."""
    place = best = first
    while place > 0 and first - place < LEAD * 2:
        word = words[place - 1]
        if word.text in {BARRIER, TURN} or (re.search(r"[.!?]\s+$", words[place].before) and len(word.text) > 3):
            break
        if word.text in CITY_WORDS | VILLAGES | REGIONS:
            place -= 1
            best = place
            continue
        tag = parses(word.text)[0].tag if word.text.isalpha() else None
        if tag and ("Geox" in tag or word.text in CITY_PARTS or _city_like(words, place - 1)):
            place -= 1
            best = place
            continue
        if word.text.isdecimal() and len(word.text) == INDEX:
            best = place - 1
            break
        before_region = tag and tag.POS == "ADJF" and words[place].text in REGIONS
        if before_region:
            place -= 1
            best = place
            continue
        break
    return best


def _city_like(words: Sequence[Token], at: int) -> bool:
    """Whether a word is the name of a place by the word for a place before it: "город мирный"."""
    return at > 0 and words[at - 1].text in CITY_WORDS | VILLAGES


def _parted(words: Sequence[Token], at: int) -> bool:
    return bool(set(words[at].before) & set(",;:!?\n")) or ". " in words[at].before


def _before(words: Sequence[Token], at: int) -> str:
    said: list[str] = []
    for place in range(at - 1, max(-1, at - 1 - LOOK), -1):
        if words[place].text == BARRIER:
            break
        if words[place].text != TURN:
            said.insert(0, words[place].text)
    return " ".join(said)
