"""Phones and e-mail addresses, the same in every language but for the words."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import phonenumbers

from speech.slots.numbers import written
from speech.text.language import pack
from speech.text.tokens import Token, listed

EMAIL = re.compile(
    r"(?<![\w.+-])[\w+-]+(?:\.[\w+-]+)*@[a-z\d](?:[a-z\d-]*[a-z\d])?(?:\.[a-z\d-]*[a-z\d])+", re.I | re.A
)
MARKS = ("@", ".", "-", "_", "+")
UNUSED = re.compile(r"\+1[01]|\+7[0125]")
"""Beginnings that no number of North America or Russia has: there the length alone says too little."""
PHONE = re.compile(r"\+?\(?\d(?:[ ().\-\u2010-\u2013]{0,3}\d){6,18}")
TOP_DOMAINS = frozenset(
    listed(
        "com net org edu gov info biz io ai me ru su uk us de fr eu by kz ua pl it es nl ch at be ca au nz ie in cn jp "
        "kr br co ac tv app dev online site store shop pro name xyz tech рф"
    )
)
"""Domains people's addresses end with; any other ending must be two to six letters, spelled or said as a word."""

PROVIDERS = frozenset(
    listed("gmail yahoo hotmail outlook icloud mail yandex ya rambler bk list inbox proton protonmail aol")
)
"""Domains known well enough to be heard without their dot."""


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
        guessed = candidate is not digits and len(form) <= 11  # a country code that nobody said
        if number.country_code == 7 and len(form) != len("+79161234567"):
            continue  # the plan knows 14 digits of Kazakhstan's network services, and nobody is rung there
        if possible and best is None and not guessed and not UNUSED.match(form):
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
    explains: tuple[str, ...] = ()
    """Between a letter and a word that begins with it: "as in", "for"."""
    latin: Callable[[str], str] = str
    """A word or the name of a letter as it is written in an address; empty for one that cannot stand there."""


def find_email(words: Sequence[Token], known: EmailWords, text: str) -> tuple[str, int, int] | None:
    """The last address in a text, typed or spoken, and its first and last word; None where there is none."""
    for match in reversed(list(EMAIL.finditer(text))):
        if inside := _inside(words, match):
            return match.group().lower(), *inside
    said: list[str] = []
    places: list[int] = []
    for at, word in enumerate(words):
        spelled = word.before == "-" and at > 0 and len(word.text) == len(words[at - 1].text) == 1
        if word.before in MARKS and at > 0 and not spelled:  # "john.smith at gmail.com"
            said.append(word.before)
            places.append(at)
        said.append(word.text)
        places.append(at)
    found = _spoken_email(said, known)
    if found is None:
        return None
    address, first, last = found
    return address, places[first], places[last - 1] + 1


def _spoken_email(words: list[str], known: EmailWords) -> tuple[str, int, int] | None:
    marks = _marks(known)
    for at in range(len(words) - 1, 0, -1):
        mark, length = _mark(words, at, marks)
        if mark != "@":
            continue
        domain, last = _domain(words, at + length, marks, known)
        if not domain:
            continue
        first = at
        while first > 0 and words[first - 1] not in known.stops and _mark(words, first - 1, marks)[0] != "@":
            first -= 1
        local = _joined(words[first:at], marks, known)
        if re.fullmatch(r"[a-z\d_+-]+(?:\.[a-z\d_+-]+)*", local):
            return f"{local}@{domain}", first, last
    return None


def _domain(words: list[str], at: int, marks: list[tuple[list[str], str]], known: EmailWords) -> tuple[str, int]:
    """The domain that begins here and the index after it; empty where none does."""
    parts: list[str] = []
    label = ""
    best = "", at
    while at < len(words) and len(parts) < 6:
        mark, length = _mark(words, at, marks)
        if mark == "." and label:
            parts.append(label)
            label = ""
        elif mark == "-" and label:
            label += "-"
        elif mark or (words[at] in known.stops and best[0]):
            break
        elif words[at] not in known.skipped:
            piece = known.latin(words[at] if words[at].isdecimal() else written(words[at], known.language))
            ended = bool(best[0]) and label in TOP_DOMAINS and len(words[at]) > 1
            if ended or not re.fullmatch(r"[a-z\d-]+", piece):
                break
            if not parts and label in PROVIDERS and piece in TOP_DOMAINS and len(piece) > 1:
                return f"{label}.{piece}", at + 1  # "gmail com": the dot was swallowed
            label += piece
        at += length
        if parts and (label in TOP_DOMAINS or re.fullmatch(r"[a-z]{2,6}", label)):
            best = ".".join([*parts, label]), at
    return best


def _joined(words: list[str], marks: list[tuple[list[str], str]], known: EmailWords) -> str:
    """The words of a local part as one string."""
    repeats = pack(known.language).numbers.repeats
    pieces: list[str] = []
    plain: list[str] = []
    at = 0

    def flush() -> None:
        pieces.extend(known.latin(word) for word in written(" ".join(plain), known.language).split())
        plain.clear()

    while at < len(words):
        mark, length = _mark(words, at, marks)
        following = words[at + 1] if at + 1 < len(words) else ""
        if mark:
            flush()
            pieces.append(mark)
        elif explained := _explanation(words, at, known):
            length = explained
        elif words[at] in repeats and len(following) == 1 and following.isalpha():
            plain.extend([following] * repeats[words[at]])
            length = 2
        elif words[at] not in known.skipped:
            plain.append(words[at])
        at += length
    flush()
    return "".join(pieces)


def _explanation(words: list[str], at: int, known: EmailWords) -> int:
    """Words that only explain the letter before them, as "as in mary" after an m; 0 where none do."""
    letter = words[at - 1] if at else ""
    for phrase in known.explains:
        parts = phrase.split()
        end = at + len(parts)
        if len(letter) == 1 and words[at:end] == parts and end < len(words) and words[end].startswith(letter):
            return len(parts) + 1
    return 0


def _marks(known: EmailWords) -> list[tuple[list[str], str]]:
    """Each phrase that says a mark, longest first."""
    groups = ((known.at, "@"), (known.dot, "."), (known.dash, "-"), (known.underscore, "_"), (known.plus, "+"))
    phrases = [(phrase.split(), mark) for group, mark in groups for phrase in group]
    return sorted(phrases, key=lambda entry: -len(entry[0])) + [([mark], mark) for mark in MARKS]


def _mark(words: list[str], at: int, marks: list[tuple[list[str], str]]) -> tuple[str, int]:
    """The mark that is said here, if any, and the words it takes."""
    for phrase, mark in marks:
        if words[at : at + len(phrase)] == phrase:
            return mark, len(phrase)
    return "", 1


def typed_phone(words: Sequence[Token], region: str, text: str) -> tuple[str, float, int, int] | None:
    """The last phone typed in a text as people write them, how sure it is, and its first and last word."""
    found: tuple[str, float, int, int] | None = None
    for match in PHONE.finditer(text):
        number, inside = e164(match.group(), region), _inside(words, match)
        if number and inside and (found is None or number[1] >= found[1]):
            found = (*number, *inside)
    return found


def _inside(words: Sequence[Token], match: re.Match[str]) -> tuple[int, int] | None:
    """First and last (exclusive) word of a stretch of the text; None where it has none of these words."""
    inside = [at for at, word in enumerate(words) if match.start() <= word.start < match.end()]
    return (inside[0], inside[-1] + 1) if inside else None
