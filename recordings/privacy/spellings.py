"""How an address of a person stands in free text: a number in digits however they are spaced, or spoken; an e-mail.

Numbers are compared whole here, too: what stands before and after the digits is read as part of a number, so that
``+1 916 234-5678`` is no trace of ``+7 916 234-56-78``. A number of another country counts with its country's code
alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

import phonenumbers

from recordings.contacts.phone_numbers import e164
from recordings.privacy.subject import Kind, Subject
from speech.slots.slots import REGIONS
from speech.text.tokens import listed

BETWEEN = r"[ ()._\-\xa0\xc2\xe2\x80\u2010-\u2013\x90-\x93]{0,4}"
"""What people put between digits; also as the bytes of UTF-8 are read one by one."""
SHORT_ADDRESS = 12
"""Letters of a messenger's address below which it may be anything, and only ``channel:address`` is looked for."""
AROUND = 20
"""Letters before and after the digits that may belong to the number."""

RUSSIAN = tuple(
    listed(
        "ноль один два три четыре пять шесть семь восемь девять десять одиннадцать двенадцать тринадцать четырнадцать "
        "пятнадцать шестнадцать семнадцать восемнадцать девятнадцать"
    )
)
TENS = ("", "", *listed("двадцать тридцать сорок пятьдесят шестьдесят семьдесят восемьдесят девяносто"))
HUNDREDS = ("", *listed("сто двести триста четыреста пятьсот шестьсот семьсот восемьсот девятьсот"))
ENGLISH = tuple(listed("zero one two three four five six seven eight nine"))
"""As recognisers write them; written here, since a morphology for a dozen words takes seconds to load."""


class Spellings:
    """Of one subject; patterns are made when first asked for."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject

    def stands_in(self, text: str) -> bool:
        """Whether the text names the subject."""
        return next(self.places(text), None) is not None

    def may_stand_in(self, text: str) -> bool:
        """Whether a long text is worth a closer look: false only where nothing in it names the subject. Several times
        as fast as ``stands_in``; lines may be joined for it.
        """
        if self.subject.kind is Kind.PHONE and self._core.search(text):
            return True
        folded = text.replace("İ", "i").casefold().replace("ı", "i")  # as patterns take them for one letter
        return any(form in folded for form in self._literals)

    def places(self, text: str) -> Iterator[tuple[int, int]]:
        """Where the text names the subject: first letter and the one after the last, without the country's code."""
        if self.subject.kind is Kind.PHONE:
            yield from self._digits(text)
        for match in self._words.finditer(text):
            yield match.span()

    def masked(self, text: str) -> str:
        """The text with a star for each letter that names the subject."""
        for start, end in sorted(self.places(text), reverse=True):
            text = f"{text[:start]}{'*' * (end - start)}{text[end:]}"
        return text

    def places_in_bytes(self, body: bytes) -> Iterator[tuple[int, int]]:
        """As ``places``, in UTF-8, by bytes."""
        text = body.decode("latin-1")
        if self.subject.kind is Kind.PHONE:
            yield from self._digits(text)
        for match in self._words_in_bytes.finditer(text):
            yield match.span()

    @cached_property
    def _number(self) -> tuple[str, str, bool]:
        """Code of the country, the digits without it, and whether they are the number where nobody says a country."""
        parsed = phonenumbers.parse(self.subject.value)
        national = phonenumbers.national_significant_number(parsed)
        at_home = any(e164(national, language) == self.subject.value for language in REGIONS)
        return str(parsed.country_code), national, at_home

    @cached_property
    def _core(self) -> re.Pattern[str]:
        return re.compile(BETWEEN.join(self._number[1]) + r"(?!\d)")

    @cached_property
    def _before(self) -> re.Pattern[str]:
        return re.compile(rf"(?<![\d+])(?:\+|00)?{BETWEEN.join(self._number[0])}{BETWEEN}$")

    @cached_property
    def _trunk(self) -> re.Pattern[str]:
        """Digits dialled before a number of the own country, as 8 in Russia."""
        region = phonenumbers.region_code_for_number(phonenumbers.parse(self.subject.value))
        metadata = phonenumbers.PhoneMetadata.metadata_for_region(region or "")
        prefix = (metadata and metadata.national_prefix) or "(?!)"
        return re.compile(rf"(?<![\d+]){prefix}{BETWEEN}$")

    def _digits(self, text: str) -> Iterator[tuple[int, int]]:
        _, national, at_home = self._number
        for match in self._core.finditer(text):
            start, end = match.span()
            before, after = text[max(0, start - AROUND) : start], text[end : end + AROUND]
            if self._goes_on(match.group(), after):
                continue
            theirs = self._before.search(before) or (at_home and self._trunk.search(before))
            if theirs or (at_home and not _of_another(before, national, self.subject.value)):
                yield start, end

    def _goes_on(self, digits: str, after: str) -> bool:
        """Whether the digits after it make it a longer number, somebody else's."""
        more = re.match(r"[ \-.]?(\d{1,4})(?!\d)", after)
        if more is None:
            return False
        longer = "".join(filter(str.isdigit, self._number[0] + digits + more[1]))
        return (e164(f"+{longer}") or self.subject.value) != self.subject.value and _is_valid(f"+{longer}")

    @cached_property
    def _words(self) -> re.Pattern[str]:
        return re.compile("|".join(self._worded()) or r"(?!)", re.IGNORECASE)

    @cached_property
    def _words_in_bytes(self) -> re.Pattern[str]:
        written = (
            form.encode().decode("latin-1") if not form.isascii() else form for form in self._worded(borders=False)
        )
        return re.compile("|".join(written) or r"(?!)", re.IGNORECASE)

    def _worded(self, *, borders: bool = True) -> list[str]:
        match self.subject.kind:
            case Kind.EMAIL:
                return [rf"(?<![\w.+\-]){re.escape(form)}(?![\w\-]|\.\w)" for form in self._forms]
            case Kind.MESSENGER:
                return [rf"(?<!\w){re.escape(form)}(?!\w)" for form in self._forms]
        edge = r"\b" if borders else ""
        return [f"{edge}{form}{edge}" for form in self._forms]

    @cached_property
    def _forms(self) -> tuple[str, ...]:
        """What stands for the subject letter by letter, in whatever case."""
        value = self.subject.value
        match self.subject.kind:
            case Kind.EMAIL:
                return (value,)
            case Kind.MESSENGER:
                address = self.subject.channel[1]
                return (address if len(address) >= SHORT_ADDRESS else value,)
        code, national, at_home = self._number
        return spoken_forms(national if at_home else code + national)

    @cached_property
    def _literals(self) -> tuple[str, ...]:
        return tuple(form.replace("İ", "i").casefold().replace("ı", "i") for form in self._forms)


def spoken_forms(digits: str) -> tuple[str, ...]:
    """How digits are said: one by one, and ten of them in Russian also as 3-3-2-2."""
    forms = [" ".join(names[int(digit)] for digit in digits) for names in (RUSSIAN, ENGLISH)]
    if len(digits) == 10:
        groups = (digits[:3], digits[3:6], digits[6:8], digits[8:])
        forms.append(" ".join(_group(group) for group in groups))
    return tuple(forms)


def _of_another(before: str, national: str, number: str) -> bool:
    """Whether what stands before the digits is the code of a country, and so the number somebody else's."""
    found = re.search(rf"(\+?)(\d*)({BETWEEN})$", before)
    if found is None or not (found[1] or found[2]):
        return False
    plus, code, apart = found.groups()
    if plus or not apart:
        return True
    return len(code) < 4 and _is_valid(f"+{code}{national}") and e164(f"+{code}{national}") != number


def _is_valid(number: str) -> bool:
    try:
        return bool(phonenumbers.is_valid_number(phonenumbers.parse(number)))
    except phonenumbers.NumberParseException:
        return False


def _group(digits: str) -> str:
    """Two or three digits as one number; leading noughts are said one by one."""
    value, noughts = int(digits), len(digits) - len(str(int(digits)))
    words = [RUSSIAN[0]] * noughts
    if value >= 100:
        words.append(HUNDREDS[value // 100])
    rest = value % 100
    if rest >= 20:
        words += [TENS[rest // 10], *([RUSSIAN[rest % 10]] if rest % 10 else [])]
    elif rest or not value:
        words.append(RUSSIAN[rest])
    return " ".join(words)
