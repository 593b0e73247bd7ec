"""Private numbers: phones, cards, passports, taxpayers, pensions, accounts and secret codes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

import phonenumbers

from speech.redaction.check_sums import is_inn, is_snils, luhn
from speech.redaction.cues import KEEP, kind_after, kind_before
from speech.redaction.digit_rows import Figure, Row, rows
from speech.redaction.line import TextLine, span_of
from speech.redaction.span import PrivateSpan
from speech.text.tokens import Token

LENGTHS = {
    "phone": range(5, 16),
    "card": range(8, 30),
    "passport": range(4, 17),
    "inn": range(9, 14),
    "snils": range(9, 13),
    "account": range(5, 30),
    "address": range(5, 10),
    "other": range(3, 20),
}
"""How many digits a number may have that was announced by name; recognisers lose some and people correct others."""
UNITS = {
    "ru": re.compile(
        r"руб\w*|коп\w*|тысяч\w*|процент\w*|штук\w*|шт|дн[еяю]\w*|день|час\w*|минут\w*|секунд\w*|недел\w+|месяц\w*|"
        r"год\w*|лет|раз[а]?|грамм\w*|кг|килограмм\w*|литр\w*|метр\w*|см|сантиметр\w*|доллар\w*|евро|человек\w*|"
        r"градус\w*|мегабит\w*|гигабайт\w*|мб|гб|кубометр\w*|киловатт\w*|балл\w*|бонус\w*|позици\w+|товар\w*|этаж\w*|"
        r"километр\w*"
    ),
    "en": re.compile(
        r"dollars?|bucks?|cents?|pounds?|euros?|percent|per|hours?|minutes?|seconds?|days?|weeks?|months?|years?|"
        r"times?|items?|pieces?|people|grams?|kilos?|miles?|feet|inches|gigabytes?|points?|am|pm|o'clock|units?|boxes|"
        r"pairs?|kg"
    ),
}
NEAR = 3
"""Words between "заказ" and its number: farther off, a number that can be nothing but a phone or a card is one."""
DATES = frozenset({(2, 2, 4), (1, 2, 4), (2, 1, 4), (1, 1, 4), (4, 2, 2)})
"""Sizes of the figures of a typed day."""
COUNTRY_CODES = {"ru": ("375", "380", "998"), "en": ("44",)}
"""Codes that are said without a plus, with nine or ten digits behind."""
CARD_PARTS = re.compile(r"\b(?:срок|код|до|сивиси|exp\w*|code|valid|through|thru|until|date|cvv)\b")
"""Between a card's number and its date or code."""
CARD_NEAR = 8
LONGEST = 60
"""Figures of a row in which numbers are looked for: more are no number."""
REGIONS = {"ru": ("RU",), "en": ("US", "GB")}


def find_numbers(line: TextLine) -> list[PrivateSpan]:
    """Private rows of digits, by place."""
    found: list[PrivateSpan] = []
    card_before = 0
    for row in rows(line.words, line.language):
        if _is_date(line.words, row):
            continue
        cut = _without_amount(line.words, row, line.language)
        if cut:
            spans = _in_row(line, cut, card_before)
            card_before = cut.last if any(span.kind in {"card", "other"} for span in spans) else card_before
            found.extend(spans)
    return _merged(line, found)


def _is_date(words: Sequence[Token], row: Row) -> bool:
    """Whether digits were typed as a day, 01.02.2010 or 2010-02-01; not 20-00-00, which is a bank's sort code."""
    if not row.typed or len(row.figures) != 3 or row.sizes not in DATES:
        return False
    marks = {words[figure.first].before for figure in row.figures[1:]}
    values = sorted((int(figure.digits) for figure in row.figures), key=lambda value: value > 31)
    return marks in ({"."}, {"/"}, {"-"}) and 0 < values[0] <= 31 and 0 < values[1] <= 31 and min(values[:2]) <= 12


def _in_row(line: TextLine, row: Row, card_before: int) -> list[PrivateSpan]:
    kind, distance = kind_before(line.words, row.first, line.language)
    behind_card = row.first - card_before <= CARD_NEAR and len(row.digits) in {3, 4}
    if card_before and behind_card and CARD_PARTS.search(text_between(line.words, card_before, row.first)):
        kind = "other"
    if not kind:
        kind = kind_after(line.words, row.last, line.language)
    if kind == KEEP and distance <= NEAR:
        is_card = len(row.digits) == 16 and luhn(row.digits) and row.digits[0] in "23456"
        if is_card or (row.plus and _is_phone(row, line.language)):  # "refund to 4000 0566 …"
            return [_span(line.words, row, "card" if is_card else "phone")]
        return []
    if kind and kind != KEEP and _announced(row, kind):
        return [_span(line.words, row, kind)]
    if row.glued:
        return []
    return _by_itself(line, row)


def _announced(row: Row, kind: str) -> bool:
    """Whether a row that was announced as a kind has about its length."""
    size = len(row.digits)
    if size not in LENGTHS[kind] and not (row.mended and size > 5):
        return False
    if kind in {"phone", "account"} and len(row.figures) == 1 and not row.typed:
        return size >= 7
    return True


def text_between(words: Sequence[Token], first: int, last: int) -> str:
    """Words as one string."""
    return " ".join(word.text for word in words[first:last])


def _by_itself(line: TextLine, row: Row) -> list[PrivateSpan]:
    """What a row is by its form alone, or a part of it."""
    figures = row.figures[:LONGEST]
    if row.mended and len(row.digits) in range(11, 22) and row.digits[:2] in {"89", "79"}:
        return [_span(line.words, row, "phone")]
    if kind := _kind(row, line.language):
        return [_span(line.words, row, kind)]
    for size in range(len(figures) - 1, 0, -1):  # "квартира двенадцать восемь девятьсот …": a phone behind a flat
        for first in range(len(figures) - size + 1):
            part = Row(figures=figures[first : first + size], plus=row.plus and not first, mended=row.mended)
            rest = sum(row.sizes) - len(part.digits)
            kind = _kind(part, line.language)
            if kind == "card" and luhn(part.digits) and first == 0 and rest <= 8:
                return [_span(line.words, row, "card")]  # with its date and code
            sure = kind == "card" or (kind == "phone" and _is_mobile(part, line.language))
            if sure and (rest <= 6 or row.mended):
                return [_span(line.words, row if row.mended else part, kind)]
    return []


def _kind(row: Row, language: str) -> str:
    digits, sizes = row.digits, row.sizes
    size = len(digits)
    if size in range(13, 20) and _is_card(digits, sizes):
        return "card"
    if size == 20 and language == "ru" and digits[:3] in {"407", "408", "423", "426", "405", "406", "301", "302"}:
        return "account"
    if row.typed and sizes == (3, 3, 3, 2) and (is_snils(digits) or digits[0] not in "78"):
        return "snils"
    if row.typed and language == "ru" and sizes in {(4, 6), (2, 2, 6)}:
        return "passport"
    if _is_phone(row, language):
        return "phone"
    if size == 11 and is_snils(digits) and language == "ru":
        return "snils"
    if size == 12 and is_inn(digits) and language == "ru":
        return "inn"
    if row.typed and language == "en" and sizes == (3, 2, 4) and size == 9:
        return "other"
    return ""


def _is_card(digits: str, sizes: tuple[int, ...]) -> bool:
    """16 digits of a card network; of other lengths, those whose check digit fits."""
    if len(digits) == 16:
        return digits[0] in "23456" or luhn(digits)
    return luhn(digits) and digits[0] in "3456" and (len(digits) == 15 or max(sizes) <= 6)


def _is_phone(row: Row, language: str) -> bool:
    digits, size = row.digits, len(row.digits)
    if row.plus and 10 <= size <= 15:
        return _valid("+" + digits, "")
    if row.typed and len(row.figures) == 1 and size == 10 and language == "ru":
        return digits[0] == "9" and _valid(digits, "RU")
    if size == 12 and digits.startswith(COUNTRY_CODES.get(language, ())) and _valid("+" + digits, ""):
        return True
    if language == "en":
        if size == 7 and row.typed:
            return row.sizes == (3, 4)
        american = digits[1:] if size == 11 and digits[0] == "1" else digits
        if len(american) == 10 and american[0] in "23456789" and american[3] in "23456789":
            return True
        return size in {10, 11} and digits[0] == "0" and (digits[1] in "127" or _valid(digits, "GB"))
    if size == 11 and digits[0] in "78":
        return digits[1] in "3489" or _valid(digits, "RU")
    return size == 10 and digits[0] in "3489" and _valid(digits, "RU")


def _is_mobile(row: Row, language: str) -> bool:
    if language == "ru":
        return len(row.digits) == 11 and row.digits[0] in "78" and row.digits[1] == "9"
    return row.plus


@lru_cache(maxsize=4_000)
def _valid(digits: str, region: str) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(digits, region or None))
    except phonenumbers.NumberParseException:
        return False


def _without_amount(words: Sequence[Token], row: Row, language: str) -> Row | None:
    """The row without a last figure that counts something: "… через пять минут"; None where nothing else is left."""
    unit = UNITS.get(language)
    follows = row.last < len(words) and unit and unit.fullmatch(words[row.last].text)
    if not follows:
        return row
    figures: tuple[Figure, ...] = row.figures[:-1]
    if not figures:
        return None
    return Row(figures=figures, plus=row.plus, glued=row.glued, mended=row.mended)


def _span(words: Sequence[Token], row: Row, kind: str) -> PrivateSpan:
    first, last = row.first, row.last
    if first and words[first - 1].text in {"плюс", "plus"} and kind == "phone":
        first -= 1
    while first and kind in {"passport", "other"} and _is_letter(words[first - 1].text) and first > row.first - 2:
        first -= 1
    start = words[first].start
    before = words[first].before
    opened = before.rstrip()[-2:]
    if kind == "phone" and opened.endswith(("+", "(")):
        start -= len(before) - min(place for place in map(before.rfind, "+(") if place >= 0)
    return PrivateSpan(start=start, end=span_of(words, first, last, kind).end, kind=kind)


def _is_letter(word: str) -> bool:
    """Whether a word is a letter that a document's number begins with: "c one two three …"."""
    return len(word) == 1 and word.isascii() and word.isalpha()


def _merged(line: TextLine, spans: list[PrivateSpan]) -> list[PrivateSpan]:
    """A passport's series and number are one thing: "серия … номер …"."""
    merged: list[PrivateSpan] = []
    for span in spans:
        last = merged[-1] if merged else None
        if last and last.kind == span.kind == "passport":
            between = line.text[last.end : span.start].lower().strip(" ,.:№")
            if between in {"", "номер", "серия", "и номер", "а номер", "number"}:
                merged[-1] = PrivateSpan(start=last.start, end=span.end, kind="passport")
                continue
        merged.append(span)
    return merged
