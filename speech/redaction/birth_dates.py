"""Dates of birth: a date beside words of birth; other dates are not private."""

from __future__ import annotations

import re
from collections.abc import Sequence

from speech.redaction.digit_rows import READERS
from speech.redaction.line import BARRIER, TURN, TextLine, span_of
from speech.redaction.span import PrivateSpan
from speech.redaction.typed import without_overlaps
from speech.slots.russian.dates import MONTHS as RUSSIAN_MONTHS
from speech.slots.russian.numerals import ORDINALS as RUSSIAN_ORDINALS
from speech.slots.russian.numerals import numeral_at
from speech.text.tokens import Token, listed

CUES = {
    "ru": re.compile(
        r"(?:родил(?:ся|ась|ись)|дат[аыуе] рождения|день рождения|дня рождения|днем рождения|год рождения|"
        r"года рождения|рождени[яе]|рожден\w{0,8}|уроженец|уроженка|дн[юя]ха)$"
    ),
    "en": re.compile(
        r"(?:born|birth ?dates?|date of birth|birthday|birthdate|dob|d o b|year of birth|birth date|day of birth)$"
    ),
}
AFTER = {
    "ru": re.compile(r"^(?:года? |г |гг )?(?:рождения|р(?: |$))"),
    "en": re.compile(r"^(?:is |was |that's )(?:my |his |her )?(?:date of birth|birthday|birth date|dob)"),
}
HINTS = {
    "ru": re.compile(r"рожд|родил|урожен|р\."),
    "en": re.compile(r"born|birth|\bd\W?o\W?b"),
}
"""Without one of these no date can be of a birth."""
EXPIRES = {"ru": re.compile(r"карт|visa|виза"), "en": re.compile(r"\bcard|visa|amex")}
"""Without one of these a date of expiry is that of an offer."""
EXPIRY = {
    "ru": re.compile(r"(?:срок(?: действия)?(?: карты)?|карта (?:действует|действительна) до|карты до)$"),
    "en": re.compile(r"(?:expir\w{1,8}|expiry date|expiration date|valid (?:thru|through|until)|exp)$"),
}
SKIPPED = {
    "ru": frozenset(
        listed(
            "у меня моя мой его ее это я он она в был была числа ну э вот так значит клиента ребенка мужа жены "
            "мамы супруга супруги заявителя пациента получателя ваша ваш сына дочери"
        )
    ),
    "en": frozenset(
        listed(
            "is was on in the it's my his her i um uh that's that would be well a back of you your please and so year"
        )
    ),
}
MONTHS = {
    "ru": frozenset(RUSSIAN_MONTHS),
    "en": frozenset(
        listed(
            "january february march april may june july august september october november december jan feb mar apr jun "
            "jul aug sep sept oct nov dec"
        )
    ),
}
INSIDE = {
    "ru": frozenset(listed("года год году г гг числа месяца месяц дробь точка тире э ну так")),
    "en": frozenset(listed("of the st nd rd th slash dash in and uh um oh o day year month")),
}
ENGLISH_ORDINALS = re.compile(
    r"first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|\w+teenth|twentieth|thirtieth"
)
YEAR = frozenset({"год", "года"})
LONGEST = 14
"""Words of a date."""
LONGEST_WAIT = 5
"""Words between the cue and the date."""
LOOK = 5


def find_births(line: TextLine) -> list[PrivateSpan]:
    """Dates that a cue of birth stands before, or behind: "восемьдесят пятого года рождения"."""
    language = line.language
    if language not in CUES:
        return []
    words = line.words
    if EXPIRES[language].search(line.text.lower()):
        return [*_after_cues(words, language, EXPIRY[language], "other"), *_births(line)]
    return _births(line)


def _births(line: TextLine) -> list[PrivateSpan]:
    language, words = line.language, line.words
    if not HINTS[language].search(line.text.lower()):
        return []
    found = [*_after_cues(words, language, CUES[language], "date_of_birth"), *_before_cue(words, language)]
    return without_overlaps(found)


def _after_cues(words: Sequence[Token], language: str, cues: re.Pattern[str], kind: str) -> list[PrivateSpan]:
    """Dates that follow a cue."""
    found: list[PrivateSpan] = []
    for at in range(len(words)):
        if cues.search(_text(words[max(0, at - 2) : at + 1])):
            start = _skip(words, at + 1, language)
            if language == "en" and start and words[start - 1].text == "the":
                start -= 1  # "the third of may"
            end = _date(words, start, language)
            if end:
                found.append(span_of(words, start, end, kind))
    return without_overlaps(found)


def _text(words: Sequence[Token]) -> str:
    return " ".join(word.text for word in words)


def _skip(words: Sequence[Token], at: int, language: str) -> int:
    waited = 0
    while at < len(words) and waited < LONGEST_WAIT:
        text = words[at].text
        if text != TURN and text not in SKIPPED[language]:
            break
        waited += text != TURN
        at += 1
    return at


def _date(words: Sequence[Token], at: int, language: str) -> int:
    """Index after the date that begins here; 0 where none does."""
    place, end, numbers = at, 0, 0
    while place < len(words) and place - at < LONGEST:
        text = words[place].text
        if text in {BARRIER, TURN}:
            break
        if text in MONTHS[language]:
            place += 1
            end = place
            numbers += 1
            continue
        after = _number(words, place, language)
        if after and end and ". " in words[place].before:
            break
        if after:
            place = end = after
            numbers += 1
            continue
        opens = place == at and text == "the"
        if (end or opens) and text in INSIDE[language]:
            place += 1
            born = place < len(words) and words[place].text == "р"
            if text in {"года", "год", "г", "th", "st", "nd", "rd"} and not born:
                end = place
            continue
        break
    digits = words[at].text.isdecimal() if at < len(words) else False
    return end if numbers >= 2 or (numbers == 1 and _is_year(words[at:end], language)) or (digits and end) else 0


def _is_year(words: Sequence[Token], language: str) -> bool:
    """Whether a lone number is a year: "восемьдесят пятого года", "nineteen eighty"."""
    if words and words[-1].text in {"года", "год", "году", "г"}:
        return True
    if language == "ru" and words and (numeral := numeral_at(words, 0)):
        return 1900 <= numeral.value <= 2030
    digits = "".join(figure.digits for figure in READERS[language](words, 0)) if words else ""
    return len(digits) == 4 and digits[:2] in {"19", "20"}


def _number(words: Sequence[Token], at: int, language: str) -> int:
    """Index after the number or ordinal here; 0 where none is."""
    figures = READERS[language](words, at)
    if figures:
        return figures[0].last
    text = words[at].text
    if language == "ru":
        return _russian_ordinal(words, at)
    if ENGLISH_ORDINALS.fullmatch(text) or text in {"oh", "o"}:
        return at + 1
    return 0


def _russian_ordinal(words: Sequence[Token], at: int) -> int:
    numeral = numeral_at(words, at) if words[at].text not in {BARRIER, TURN} else None
    if numeral:
        return numeral.last
    return at + 1 if words[at].text in RUSSIAN_ORDINALS else 0


def _before_cue(words: Sequence[Token], language: str) -> list[PrivateSpan]:
    """A date right before the words of birth."""
    found = []
    for at in range(1, len(words)):
        cue = AFTER[language].match
        if not cue(_text(words[at : at + LOOK])) or cue(_text(words[at - 1 : at - 1 + LOOK])):
            continue
        for start in range(max(0, at - LONGEST), at):  # the first from which the date reaches the cue
            if _number(words, start, language) or words[start].text in MONTHS[language]:
                end = _date(words[: at + (words[at].text in YEAR)], start, language)
                if end >= at:
                    found.append(span_of(words, start, end, "date_of_birth"))
                    break
    return found
