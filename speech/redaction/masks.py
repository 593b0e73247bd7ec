"""Numbers, addresses and names of files as everyone sees them: enough to tell one from another, too little to use."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import lru_cache
from pathlib import PurePath

from speech.redaction.redaction import RULES, PrivateSpan, find_private

DOTS = "•••"
SHORTEST_PHONE = 7
"""Digits; what has fewer is an extension and stays."""
LONGEST_NAME = 255
"""Letters of a file's name that are looked at; disks hold no longer ones."""
_DAY = r"(?P<y>(?:19|20)\d\d)(?P<s>[-._ ]?)(?P<m>\d\d)(?P=s)(?P<d>\d\d)"
_EUROPEAN = r"(?P<d2>\d\d)(?P<s2>[-._])(?P<m2>\d\d)(?P=s2)(?P<y2>(?:19|20)\d\d)"
_SHORT = r"(?P<y3>\d\d)(?P<m3>\d\d)(?P<d3>\d\d)(?=_\d{6}(?!\d))"
_TIME = r"(?:[ T_-]{0,3}(?:[01]\d|2[0-3])[-._:h ]?[0-5]\d(?:[-._: ]?[0-5]\d)?)?"
DATES = re.compile(rf"(?<![\d+])(?:{_DAY}|{_EUROPEAN}|{_SHORT}){_TIME}(?!\d)")
"""A date, and the time behind it."""
NUMBERS = re.compile(r"\+?\d(?:[\s().\-‐-–_]{0,3}\d){6,24}")
"""Enough digits for a telephone, however they are parted."""
WORDS = re.compile(r"[^\W\d_]+")
RECORDERS_OWN = frozenset({
    "call", "calls", "recording", "recordings", "record", "recorded", "rec", "voice", "audio", "phone", "telephone",
    "number", "in", "out", "incoming", "outgoing", "inbound", "outbound", "from", "to", "with", "and", "at", "on",
    "the", "mono", "stereo", "left", "right", "copy", "part", "new", "final", "edited", "am", "pm", "m", "mp",
    "запись", "записи", "звонок", "звонка", "звонки", "вызов", "вызова", "разговор", "разговора", "разговоры",
    "аудио", "голос", "телефон", "номер", "входящий", "исходящий", "входящая", "исходящая", "вх", "исх", "от", "до",
    "с", "со", "на", "в", "и", "копия", "часть", "г", "ч", "мин", "сек",
})  # fmt: skip
"""Words that programs which record put into names of files; beside a number all others may be somebody's name."""


def masked(number: str) -> str:
    """A telephone number with its middle hidden: ``+7 916 •••-••-67``; short ones (extensions) as they are."""
    plus, digits = number[:1] == "+", "".join(filter(str.isdigit, number))
    if len(digits) < SHORTEST_PHONE:
        return number
    if len(digits) == 11 and digits[0] in "78":
        return f"+7 {digits[1:4]} •••-••-{digits[-2:]}"
    return f"{'+' if plus else ''}{digits[:3]} {DOTS} {digits[-2:]}"


def masked_email(address: str) -> str:
    """``a•••@example.com``."""
    name, at, domain = address.partition("@")
    return f"{name[:1]}{DOTS}{at}{domain}" if at else address


@lru_cache(maxsize=20_000)
def masked_filename(name: str) -> str:
    """The name without telephone numbers, people's names and addresses in it; its date and time stay.

    ``Иван Петров (+7 999 000-00-05) 2026-03-01 12-30.3gp``: ``••• (+7 999 •••-••-05) 2026-03-01 12-30.3gp``. Beside a
    number every word is hidden that programs which record do not write themselves: it is from somebody's contacts.
    """
    name = name[:LONGEST_NAME]
    ending = PurePath(name).suffix
    ending = ending if re.fullmatch(r"\.[A-Za-z0-9]{1,5}", ending) and not ending[1:].isdigit() else ""
    stem = name[: len(name) - len(ending)]
    dates = [(found.start(), found.end()) for found in DATES.finditer(stem) if _is_date(found)]
    rest = _without(stem, dates)
    hidden = {(found.start(), found.end()): masked(found.group()) for found in NUMBERS.finditer(rest)}
    words = re.sub(r"[_.,()\[\]-]", " ", _without(rest, hidden))
    spans = {(span.start, span.end) for text in (rest, words) for span in _private(text)}
    if hidden:
        people = (found for found in WORDS.finditer(words) if found.group().lower() not in RECORDERS_OWN)
        spans |= {(found.start(), found.end()) for found in people}
    hidden |= {span: DOTS for span in spans if not any(a < span[1] and span[0] < b for a, b in (*hidden, *dates))}
    return _put(stem, hidden) + ending


def _is_date(found: re.Match[str]) -> bool:
    part = found.groupdict()
    year, month, day = next(
        (part[f"y{n}"], part[f"m{n}"], part[f"d{n}"]) for n in ("", "2", "3") if part[f"y{n}"] is not None
    )
    try:
        date(int(year) + (2000 if len(year) == 2 else 0), int(month), int(day))
    except ValueError:
        return False
    return True


def _private(text: str) -> Iterator[PrivateSpan]:
    """What any of the languages that have rules finds: nobody says which one a file is named in."""
    for language in RULES:
        yield from find_private(text, language)


def _without(text: str, spans: Iterable[tuple[int, int]]) -> str:
    return "".join("\n" if any(a <= at < b for a, b in spans) else letter for at, letter in enumerate(text))


def _put(text: str, hidden: Mapping[tuple[int, int], str]) -> str:
    """The text with each span replaced; of two that overlap, or touch over a blank, one stays."""
    out, at = "", 0
    for (start, end), mask in sorted(hidden.items()):
        if start < at:
            at = max(at, end)
            continue
        between = text[at:start]
        if not (mask == DOTS and out.endswith(DOTS) and not between.strip(" _")):
            out += between + mask
        at = end
    return out + text[at:]
