"""Looks for a telephone number everywhere: in every column of every table, in names of stored files, in notes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import JSON, ColumnElement, String, Text, cast, func, or_, select
from sqlalchemy.orm import Session

from recordings.audio_store import AudioStore
from recordings.privacy.person import holds_number, national
from recordings.privacy.settings import PrivacySettings
from recordings.tables import Table
from speech.text.tokens import listed

SAID = {
    "turns",
    "messages",
    "transcripts",
    "redactions",
    "meanings",
    "findings",
    "topic_calls",
    "samples",
    "sentiment_samples",
    "alerts",
    "deliveries",
}
"""Tables of words: there the number may have been said or written by somebody else, about whom it then tells."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class PiiMatch:
    """A place that still holds the number."""

    place: str
    """``table.column``, ``sound`` for the name of a stored file, or a folder."""
    count: int
    said: bool
    """Among words: where a contact of somebody else is, it stays."""


def find_pii(db: Session, sounds: AudioStore, phone: str, settings: PrivacySettings) -> tuple[PiiMatch, ...]:
    """Every place that holds the number: in digits however they are spaced, or spoken digit by digit or in groups."""
    return (*_in_tables(db, phone), *_in_sounds(sounds, phone), *_in_files(phone, settings))


def spoken_forms(phone: str) -> tuple[str, ...]:
    """How the number is said: digit by digit, and of ten digits in Russian also as 3-3-2-2."""
    digits = national(phone)
    forms = [" ".join(names[int(digit)] for digit in digits) for names in (RUSSIAN, ENGLISH)]
    if len(digits) == 10:
        groups = (digits[:3], digits[3:6], digits[6:8], digits[8:])
        forms.append(" ".join(_group(group) for group in groups))
    return tuple(forms)


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


def _in_tables(db: Session, phone: str) -> Iterator[PiiMatch]:
    spoken = spoken_forms(phone)
    for table in Table.metadata.sorted_tables:
        for column in table.columns:
            if not isinstance(column.type, String | Text | JSON) or column.foreign_keys:
                continue
            ways: list[ColumnElement[bool]] = [holds_number(column, phone)]
            ways += [func.lower(cast(column, Text)).contains(form, autoescape=True) for form in spoken]
            count = db.scalar(select(func.count()).select_from(table).where(or_(*ways))) or 0
            if count:
                yield PiiMatch(place=f"{table.name}.{column.name}", count=count, said=table.name in SAID)


def _in_sounds(sounds: AudioStore, phone: str) -> Iterator[PiiMatch]:
    count = sum(national(phone) in key for key in sounds.stored())
    if count:
        yield PiiMatch(place="sound", count=count, said=False)


def _in_files(phone: str, settings: PrivacySettings) -> Iterator[PiiMatch]:
    for folder in (settings.notes_dir, settings.logs_dir):
        count = sum(1 for _ in files_with(phone, folder))
        if count:
            yield PiiMatch(place=folder.name, count=count, said=False)


def files_with(phone: str, folder: Path) -> Iterator[Path]:
    """Text files that hold the number in digits."""
    wanted = pattern(phone)
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        if path.is_file() and wanted.search(path.read_bytes()):
            yield path


def pattern(phone: str) -> re.Pattern[bytes]:
    """The digits of the number with what people put between them."""
    between = rb"[ ()\-\xa0]{0,3}"
    return re.compile(between.join(digit.encode() for digit in national(phone)))
