"""Addresses of mail, sites and machines as they are said: "иван точка петров собака яндекс точка ру"."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from speech.redaction.digit_rows import READERS
from speech.redaction.english_names import MORE_WORDS
from speech.redaction.line import BARRIER, TURN, TextLine, span_of
from speech.redaction.russian_names import is_name
from speech.redaction.span import PrivateSpan
from speech.redaction.typed import without_overlaps
from speech.slots.contacts import PROVIDERS, TOP_DOMAINS, EmailWords
from speech.slots.english.emails import EMAIL as ENGLISH
from speech.slots.english.names import not_names
from speech.slots.russian.emails import KNOWN as RUSSIAN_KNOWN
from speech.slots.russian.emails import LETTERS as RUSSIAN_LETTERS
from speech.slots.russian.emails import WORDS as RUSSIAN
from speech.slots.russian.grammar import is_known
from speech.text.tokens import Token, listed

LONGEST_LOCAL = 30
LONGEST_DOMAIN = 16
"""Words of an address before and after the at."""
ENDINGS = {
    "ru": {"ру": "ru", "ком": "com", "нет": "net", "орг": "org", "рф": "рф", "су": "su", "инфо": "info", "ю": "ru"},
    "en": {"calm": "com", "come": "com", "comm": "com", "dotcom": "com", "gov": "gov"},
}
"""How endings are heard."""
EXTRA_PROVIDERS = {
    "ru": frozenset(
        listed("яндекс джимейл джимэйл гмейл гмайл мейл мэйл мейлру майл рамблер бк лист инбокс айклауд аутлук хотмейл")
    ),
    "en": frozenset(listed("g-mail gmail yahoo hotmail outlook icloud aol proton protonmail")),
}
NOT_LOCAL = {
    "ru": RUSSIAN.stops | frozenset(listed("и в с к по за мне вам вас нам нас она он они или ли бы не про для что")),
    "en": ENGLISH.stops
    | frozenset(listed("you me us him her them it look order shop visit site website work buy find check online and")),
}
WWW = {
    "ru": ("три дабл ю", "три дабл в", "три w", "дабл ю дабл ю дабл ю", "вэ вэ вэ", "ве ве ве", "три вэ"),
    "en": ("w w w", "double u double u double u", "triple w", "www"),
}
DOTS = {"ru": frozenset(listed("точка точку дот")), "en": frozenset(listed("dot point"))}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """How a language says the marks."""

    marks: tuple[tuple[tuple[str, ...], str], ...]
    """Phrase → ``@``, ``.``, ``-``, ``_``, ``+``; longest first."""
    language: str
    first: frozenset[str]
    """First words of the phrases for at and dot, without which nothing is an address."""


def find_contacts(line: TextLine) -> list[PrivateSpan]:
    """Spoken e-mail addresses, links and IP addresses; typed ones are ``typed``'s."""
    if line.language not in WORDS:
        return []
    said = SAID[line.language]
    words = line.words
    if not any(word.text in said.first for word in words):
        return []
    found: list[PrivateSpan] = []
    for at in range(len(words)):
        mark, length = _mark(words, at, said)
        if mark == "@" and (span := _email(words, at, length, said)):
            found.append(span)
    if sum(word.text in DOTS[line.language] for word in words) > 2:
        found += _addresses_of_machines(words, line.language)
    found += _links(words, said)
    return without_overlaps(found)


def _email(words: Sequence[Token], at: int, length: int, said: _Said) -> PrivateSpan | None:
    last = _domain(words, at + length, said)
    weak = words[at].text in {"at", "эт"} and length == 1
    first = _local(words, at, said)
    if first == at:
        return None
    if not last:
        if weak or words[at].text not in {"собака", "собачка"} or not _is_provider(words, at + length, said.language):
            return None
        last = at + length + 1
    before = words[at - 1].text
    common = weak and first == at - 1 and said.language == "en" and (before in not_names() or before in NOT_LOCAL["en"])
    told = any(
        word.text in {"email", "reply", "mail", "address", "write", "contact"} for word in words[max(0, at - 5) : at]
    )
    if common and not told and not _is_provider(words, at + length, said.language):
        return None  # "look at google dot com"
    return span_of(words, first, last, "email")


def _local(words: Sequence[Token], at: int, said: _Said) -> int:
    """Index of the first word of what stands before the at."""
    stops = NOT_LOCAL[said.language]
    first = place = at
    tied = True  # the word must be taken: a mark or the at stands behind it
    while place > 0 and at - place < LONGEST_LOCAL:
        mark, width = _mark_before(words, place, said)
        if mark and mark != "@":
            place -= width
            tied = True
            continue
        word = words[place - 1]
        if word.text in {BARRIER, TURN} or mark == "@":
            break
        spelled = _is_piece(word.text, said.language)
        if not tied and not spelled:
            if place != first or not _starts_alone(words, place, said.language):
                break
            first = place = place - 1  # "вика ноль один собака"
            continue
        if word.text in stops and not (spelled and len(word.text) == 1 and tied):
            break
        place -= 1
        first = place
        tied = False
        alone = not spelled and place > 0 and not _mark_before(words, place, said)[0]
        if alone and _starts_alone(words, place, said.language):
            first = place = place - 1
    return first


def _starts_alone(words: Sequence[Token], place: int, language: str) -> bool:
    """Whether the word before is of the address, too: "иван петров собака", no word of the language."""
    before = words[place - 1].text
    if before in NOT_LOCAL[language] or before in {BARRIER, TURN} or not before.isalpha() or len(before) < 2:
        return False
    if language == "ru":
        return not is_known(before) or before in RUSSIAN_KNOWN or is_name(before)
    return before not in not_names() and before not in MORE_WORDS and before not in ENGLISH.skipped


def _is_piece(word: str, language: str) -> bool:
    """Whether a word is a letter, the name of one, or digits."""
    if word.isdecimal() or len(word) == 1:
        return True
    if language == "ru":
        return word in RUSSIAN_LETTERS or word in _numbers("ru") or word in {"маленькая", "большая", "буква"}
    return word in _numbers("en") or word in {"double", "triple", "capital", "lowercase"}


def _numbers(language: str) -> Mapping[str, int]:
    from speech.text.language import pack

    return pack(language).numbers.values


def _domain(words: Sequence[Token], at: int, said: _Said) -> int:
    """Index after the domain that begins here; 0 where none does."""
    place, best, pieces = at, 0, 0
    while place < min(len(words), at + LONGEST_DOMAIN):
        mark, width = _mark(words, place, said)
        if mark == "." and pieces:
            end = _ending(words, place + width, said.language)
            if end:
                best = place = end
                pieces += 1
                continue
            place += width
        elif mark == "-" and pieces:
            place += width
        elif mark or best or words[place].text in {BARRIER, TURN} or pieces > 6:
            break
        else:
            place += 1
            pieces += 1
            if words[place - 1].text in EXTRA_PROVIDERS[said.language] | PROVIDERS and (
                end := _ending(words, place, said.language)
            ):
                best = place = end
    return best


def _ending(words: Sequence[Token], at: int, language: str) -> int:
    """Index after a top domain that is said here; 0 where none is."""
    if at >= len(words):
        return 0
    word = words[at].text
    if word in TOP_DOMAINS or word in ENDINGS[language]:
        return at + 1
    if language == "en" and word in {"co", "c"} and at + 1 < len(words):
        return at + 1
    letters = "".join(token.text for token in words[at : at + 3])
    for size in (3, 2):
        spelled = [token.text for token in words[at : at + size]]
        if len(spelled) == size and all(len(text) == 1 for text in spelled) and letters[:size] in TOP_DOMAINS:
            return at + size
    names = [RUSSIAN_LETTERS.get(token.text, token.text) for token in words[at : at + 2]]
    return at + 2 if language == "ru" and len(names) == 2 and "".join(names) in {"ru", "me", "io", "by", "kz"} else 0


def _is_provider(words: Sequence[Token], at: int, language: str) -> bool:
    return at < len(words) and words[at].text in EXTRA_PROVIDERS[language] | PROVIDERS


def _links(words: Sequence[Token], said: _Said) -> list[PrivateSpan]:
    """Sites: "отклик точка ру", "w w w dot example dot com"."""
    found: list[PrivateSpan] = []
    for at in range(len(words)):
        mark, width = _mark(words, at, said)
        if mark != "." or at == 0 or words[at].text not in DOTS[said.language]:
            continue
        end = _ending(words, at + width, said.language)
        label = words[at - 1].text
        if (
            not end
            or label in {BARRIER, TURN}
            or _mark_before(words, at, said)[0] in {"@", "."}
            or words[at - 1].text.isdecimal()
        ):
            continue
        if words[at + width].text in {"нет", "in", "me", "is", "it", "us", "at", "be", "name", "online"}:
            continue  # "точка нет"
        first = at - 1
        first -= first > 0 and words[first].text in {"плюс", "plus"}
        while first > 1 and _is_piece(words[first - 1].text, said.language) and len(words[first].text) == 1:
            first -= 1
        while first > 1:
            before, size = _mark_before(words, first, said)
            if before not in {".", "-"} or first - size < 1:
                break
            first -= size + 1
        first = _with_www(words, first, said.language)
        while _mark(words, end, said)[0] == "." and (further := _ending(words, end + 1, said.language)):
            end = further
        found.append(span_of(words, first, end, "url"))
    return found


def _with_www(words: Sequence[Token], first: int, language: str) -> int:
    for phrase in WWW[language]:
        parts = phrase.split()
        for gap in (-1, 0, 1):
            start = first - gap - len(parts)
            if start >= 0 and [word.text for word in words[start : first - gap]] == parts:
                return start
    return first


def _addresses_of_machines(words: Sequence[Token], language: str) -> list[PrivateSpan]:
    """ "сто девяносто два точка сто шестьдесят восемь точка ноль точка один"."""
    found: list[PrivateSpan] = []
    at = 0
    while at < len(words):
        place, octets, end = at, 0, at
        while octets < 4 and (after := _octet(words, place, language)):
            octets, end = octets + 1, after
            if after >= len(words) or words[after].text not in DOTS[language]:
                break
            place = after + 1
        if octets == 4:
            found.append(span_of(words, at, end, "ip"))
        at = end if octets == 4 else at + 1
    return found


def _octet(words: Sequence[Token], at: int, language: str) -> int:
    """Index after the number below 256 that is said here, digit by digit or not; 0 where none is."""
    digits, place = "", at
    while place < len(words) and (figures := READERS[language](words, place)) and len(digits) <= 3:
        for figure in figures:
            digits += figure.digits
            place = figure.last
    return place if digits and len(digits) <= 3 and int(digits) < 256 else 0


def _mark(words: Sequence[Token], at: int, said: _Said) -> tuple[str, int]:
    """The mark that is said here and its words; empty for none."""
    if at >= len(words):
        return "", 1
    for phrase, mark in said.marks:
        if words[at].text == phrase[0] and all(
            at + step < len(words) and words[at + step].text == part for step, part in enumerate(phrase)
        ):
            return mark, len(phrase)
    return "", 1


def _mark_before(words: Sequence[Token], at: int, said: _Said) -> tuple[str, int]:
    """The mark said right before a word and its words; empty for none."""
    for phrase, mark in said.marks:
        start = at - len(phrase)
        if start >= 0 and all(words[start + step].text == part for step, part in enumerate(phrase)):
            return mark, len(phrase)
    return "", 1


def _said(known: EmailWords) -> _Said:
    groups = ((known.at, "@"), (known.dot, "."), (known.dash, "-"), (known.underscore, "_"), (known.plus, "+"))
    phrases = [(tuple(re.split(r"\s+", phrase)), mark) for group, mark in groups for phrase in group]
    return _Said(
        marks=tuple(sorted(phrases, key=lambda entry: -len(entry[0]))),
        language=known.language,
        first=frozenset(phrase[0] for phrase, mark in phrases if mark in {"@", "."}),
    )


WORDS = {"ru": RUSSIAN, "en": ENGLISH}
SAID = {language: _said(known) for language, known in WORDS.items()}
