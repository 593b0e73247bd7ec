"""The same telephone number: what a network, a form or a file name says, as E.164, compared whole.

``+7 916 234-56-78`` and ``+1 916 234-5678`` share ten digits and are two people. A number that says no country is read
in that of the installation (``OTKLIK_COUNTRY``), by default in that of the line's language.
"""

from __future__ import annotations

import re

from speech.slots import contacts
from speech.slots.slots import country_of

LONGEST_NUMBER = 64
"""Letters of a number that are looked at: who calls over SIP may send any name instead."""
LONGEST_NAME = 512
"""Letters of a file name that are looked at."""
SURE = 0.9
"""Likeness 0..1 from which digits in a file name are a number, and not the time it was made."""
SENDS_NUMBERS = re.compile(r"whats|sms|viber|signal|phone", re.IGNORECASE)
"""Names of channels whose senders are telephone numbers without a plus; others number their users."""
IN_NAME = re.compile(
    r"\+\d(?:[ ().\-]{0,3}\d){6,14}(?!\d)"  # +372 512 3456
    r"|(?<!\d)\d{7,15}(?!\d)"  # 89161234567
    r"|(?<!\d)(?:\d[ \-]?)?\(?\d{3}\)?[ \-]?\d{3}[ \-](?:\d{2}[ \-]?\d{2})(?!\d)"  # 8 (916) 123-45-67
)
EMAIL = re.compile(r"[^@\s:]+@[^@\s:.]++(?:\.[^@\s:.]++)+")


def e164(number: str, language: str = "ru") -> str | None:
    """A telephone number as it is kept, ``+79161234567``; None for what is none, as an extension."""
    found = _read(number.strip()[:LONGEST_NUMBER], language)
    return found[0] if found else None


def number_in(text: str, language: str = "ru") -> str:
    """As ``e164``, for a column: empty for what is no number."""
    return e164(text, language) or ""


def numbers_in_name(name: str, language: str = "ru") -> tuple[str, ...]:
    """Numbers in the name of a file, in order; none twice. Dates, times and ids are none."""
    found: dict[str, None] = {}
    for match in IN_NAME.finditer(name[:LONGEST_NAME]):
        if number := _first_number(match.group(), language):
            found.setdefault(number)
    return tuple(found)


def _first_number(written: str, language: str) -> str:
    """The number that a stretch of a name begins with: a date may stand behind it."""
    guess = ""
    ends = [group.end() for group in re.finditer(r"\d+", written)] if written.startswith("+") else [len(written)]
    for end in reversed(ends):
        number = _read(written[:end], language)
        if number and number[1] >= SURE:
            return number[0]
        if number and (written.startswith("+") or _is_at_home(written, number[0])):
            guess = guess or number[0]
    return guess


def sender_of(channel: str, address: str, language: str = "ru") -> str:
    """The number in E.164 or the e-mail in lower case that an address of a channel is; empty where it is neither."""
    address = address.strip()
    if address.startswith("+"):
        return number_in(address, language)
    if address.isdecimal() and SENDS_NUMBERS.search(channel):
        return number_in(f"+{address}") or number_in(address, language)
    return address.lower() if EMAIL.fullmatch(address) else ""


def _is_at_home(written: str, number: str) -> bool:
    """Whether digits begin with the country's code or what is dialled for it: no date does, and new ranges are known
    late."""
    digits = "".join(filter(str.isdigit, written))
    return len(digits) == len(number) - 1 and digits[1:] == number[2:]


def _read(text: str, language: str) -> tuple[str, float] | None:
    international = f"+{text[2:]}" if text.startswith("00") else text
    return contacts.e164(international, country_of(language))
