"""Phones and e-mail addresses, the same in every language but for the words."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import phonenumbers

from speech.meaning.numbers import written
from speech.meaning.tokens import Token, find_phrase

EMAIL = re.compile(r"(?<![\w.+-])[\w+-]+(?:\.[\w+-]+)*@[a-z\d](?:[a-z\d-]*[a-z\d])?(?:\.[a-z\d-]*[a-z\d])+", re.I | re.A)
UNUSED = re.compile(r"\+1(?:[01]|...[01])|\+7[0125]")
"""Beginnings that no number of North America or Russia has: there the length alone says too little."""
TOP_DOMAINS = frozenset(
    "com net org edu gov info biz io ai me ru su uk us de fr eu by kz ua pl it es nl ch at be ca au nz ie in cn jp kr br "
    "co ac tv app dev online site store shop pro name xyz tech рф".split()
)
"""What people's addresses end with; any other ending must be two to six letters that were spelled or said as a word."""


def e164(digits: str, region: str) -> tuple[str, float] | None:
    """A phone in international form and how sure that is; None for what no phone can be.

    Args:
        digits: Digits as said, with ``+`` in front if that was said; marks between them are allowed.
        region: ISO 3166 code where it was said: tells a trunk prefix (8 in Russia, 0 in Britain) from the number.
    """
    best: tuple[str, float] | None = None  # rules lag behind numbers that are given out, and examples use none of them
    for candidate in (digits, digits if digits.startswith("+") else f"+{digits}"):
        try:
            number = phonenumbers.parse(candidate, region)
        except phonenumbers.NumberParseException:
            continue
        form = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        if phonenumbers.is_valid_number(number):
            return form, 0.95
        possible = phonenumbers.is_possible_number_with_reason(number) == phonenumbers.ValidationResult.IS_POSSIBLE
        if possible and best is None and not UNUSED.match(form):
            best = form, 0.6
    return best


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailWords:
    """How a language says what an address is made of. Phrases are in the form of ``tokens``."""

    language: str
    at: tuple[str, ...]
    dot: tuple[str, ...]
    dash: tuple[str, ...]
    underscore: tuple[str, ...]
    plus: tuple[str, ...] = ()
    stops: frozenset[str]
    """Words after which an address begins: "is", "почта"."""
    skipped: frozenset[str] = frozenset()
    """Words inside an address that are not of it: "then", "маленькая"."""
    latin: Callable[[str], str] = str
    """A word or the name of a letter as it is written in an address; empty for one that cannot stand there."""


def find_email(words: Sequence[Token], known: EmailWords, text: str) -> tuple[str, int, int] | None:
    """The last address in a text, typed or spoken, and its first and last word; None where there is none."""
    typed = list(EMAIL.finditer(text))
    if typed:
        inside = [at for at, word in enumerate(words) if typed[-1].start() <= word.start < typed[-1].end()]
        return typed[-1].group().lower(), inside[0], inside[-1] + 1
    return _spoken_email([word.text for word in words], known)


def _spoken_email(words: list[str], known: EmailWords) -> tuple[str, int, int] | None:
    marks = _marks(known)
    for at in range(len(words) - 1, 0, -1):
        length = next((len(phrase) for phrase, mark in marks if mark == "@" and words[at : at + len(phrase)] == phrase), 0)
        if not length:
            continue
        domain, last = _domain(words, at + length, marks, known)
        first = at
        while first > 0 and words[first - 1] not in known.stops and not _is_at(words, first - 1, marks):
            first -= 1
        local = _joined(words[first:at], marks, known)
        if domain and re.fullmatch(r"[a-z\d_+-]+(?:\.[a-z\d_+-]+)*", local):
            return f"{local}@{domain}", first, last
    return None


def _domain(words: list[str], at: int, marks: list[tuple[list[str], str]], known: EmailWords) -> tuple[str, int]:
    """The domain that begins here and the index after it; empty where none does."""
    parts: list[str] = []
    label = ""
    best = "", at
    while at < len(words):
        mark, length = _mark(words, at, marks)
        if mark == "." and label:
            parts.append(label)
            label = ""
        elif mark == "-" and label:
            label += "-"
        elif mark or words[at] in known.stops:
            break
        elif words[at] not in known.skipped:
            piece = written(words[at], known.language) if not words[at].isdecimal() else words[at]
            piece = known.latin(piece)
            ended = parts and best[1] > 0 and label and label in TOP_DOMAINS and len(words[at]) > 1
            if not re.fullmatch(r"[a-z\d.-]+", piece) or ended:
                break
            if not parts and label and piece in TOP_DOMAINS and len(piece) > 1 and label in PROVIDERS:
                return f"{label}.{piece}", at + 1  # "gmail com": the dot was swallowed
            label += piece
        at += length
        if parts and label and (label in TOP_DOMAINS or re.fullmatch(r"[a-z]{2,6}", label)):
            best = ".".join([*parts, label]), at
    return best


PROVIDERS = frozenset("gmail yahoo hotmail outlook icloud mail yandex ya rambler bk list inbox proton protonmail aol".split())


def _joined(words: list[str], marks: list[tuple[list[str], str]], known: EmailWords) -> str:
    """The words of a local part as one string."""
    pieces: list[str] = []
    plain: list[str] = []
    at = 0

    def flush() -> None:
        pieces.extend(known.latin(word) for word in written(" ".join(plain), known.language).split())
        plain.clear()

    while at < len(words):
        mark, length = _mark(words, at, marks)
        if mark:
            flush()
            pieces.append(mark)
        elif words[at] not in known.skipped:
            plain.append(words[at])
        at += length
    flush()
    return "".join(pieces)


def _marks(known: EmailWords) -> list[tuple[list[str], str]]:
    """Each phrase that says a mark, longest first."""
    groups = ((known.at, "@"), (known.dot, "."), (known.dash, "-"), (known.underscore, "_"), (known.plus, "+"))
    phrases = [(phrase.split(), mark) for group, mark in groups for phrase in group]
    return sorted(phrases, key=lambda entry: -len(entry[0]))


def _mark(words: list[str], at: int, marks: list[tuple[list[str], str]]) -> tuple[str, int]:
    """The mark that is said here, if any, and the words it takes."""
    for phrase, mark in marks:
        if words[at : at + len(phrase)] == phrase:
            return mark, len(phrase)
    return "", 1


def _is_at(words: list[str], at: int, marks: list[tuple[list[str], str]]) -> bool:
    return _mark(words, at, marks)[0] == "@"
