"""Whoever sees masks searches masks: no question, and no loop of them, tells a digit that is not shown already."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from recordings.calls.listing import Wanted, list_contacts
from recordings.customers.listing import list_customers
from recordings.database import connect, reading, transaction
from recordings.redaction.masked_search import _mask_of
from recordings.tables import CallRow, CustomerRow, RecordingRow, Table
from speech.redaction.masks import masked, masked_email, masked_filename

pytestmark = pytest.mark.unit

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
SEED = 10
ALIKE = (
    ("+79161234567", "+79167654367", "89160000067", "8 (916) 999-88-67"),
    ("+442079460000", "+442991111100"),
    ("+12025550143", "+12029999943"),
)
"""Numbers with one mask: to who sees masks they are the same."""
MAILS = ("anna@example.com", "andrey.petrov@example.com", "a1@example.com")
FILES = ("Иван Петров (+7 999 000-00-05) 2026-03-01 12-30.3gp", "Олег (+7 999 321-12-05) 2026-03-01 12-30.3gp")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Engine]:
    engine = connect(f"sqlite:///{tmp_path / 'otklik.db'}")
    Table.metadata.create_all(engine)
    with transaction(engine) as db:
        for number in (number for alike in ALIKE for number in alike):
            db.add(_call(number))
            if number.startswith("+"):
                db.add(_customer(number, phone=number))
        for mail in MAILS:
            db.add(_customer(mail, email=mail))
        for at, name in enumerate(FILES):
            db.add(_file(f"file {at}", name))
    yield engine
    engine.dispose()


def _call(number: str) -> CallRow:
    return CallRow(
        id=number, started_at=NOW, caller_number=number, extension="1", language="ru", scenario="s",
        scenario_version="0", engine="e", facts={},
    )  # fmt: skip


def _customer(id_: str, *, phone: str | None = None, email: str | None = None) -> CustomerRow:
    return CustomerRow(id=id_, name="", phone=phone, email=email, language="ru", created_at=NOW)


def _file(id_: str, name: str) -> RecordingRow:
    return RecordingRow(
        id=id_, sha256=id_, key=id_, filename=name, language="ru", duration=1.0, rate=8000, channels=1, size=1,
        created_at=NOW, state="registered", due_at=NOW,
    )  # fmt: skip


def pieces(*texts: str) -> set[str]:
    """What an attacker asks: each prefix, suffix and part, and guesses that go one digit further."""
    chance = random.Random(SEED)
    parts = {text[a:b] for text in texts for a in range(len(text)) for b in range(a + 1, len(text) + 1)}
    ends = {part for part in parts if any(text.startswith(part) or text.endswith(part) for text in texts)}
    parts = ends | set(chance.sample(sorted(parts), 40))
    guesses = {part + digit for part in chance.sample(sorted(ends), 8) for digit in "0123456789"}
    return parts | guesses


def found_calls(database: Engine, text: str) -> frozenset[str]:
    with reading(database) as db:
        return frozenset(one.id for one in list_contacts(db, Wanted(text=text), limit=100).contacts)


def found_customers(database: Engine, text: str) -> frozenset[str]:
    with reading(database) as db:
        return frozenset(one.customer.id for one in list_customers(db, text=text, limit=100).customers)


@pytest.mark.parametrize("alike", ALIKE)
def test_no_question_tells_calls_with_one_mask_apart(database: Engine, alike: tuple[str, ...]) -> None:
    """Failed before: 35 questions read the number behind its mask."""
    assert len({masked(number) for number in alike}) == 1
    answered = 0
    for asked in pieces(*alike, masked(alike[0])):
        found = found_calls(database, asked) & set(alike)
        assert found in (frozenset(), frozenset(alike)), f"{asked!r} finds {sorted(found)}"
        answered += bool(found)
    assert answered > 10


@pytest.mark.parametrize("alike", [*ALIKE, MAILS])
def test_no_question_tells_customers_with_one_mask_apart(database: Engine, alike: tuple[str, ...]) -> None:
    """Failed before: 176 questions read an e-mail address."""
    cards = {one for one in alike if one.startswith("+") or "@" in one}
    answered = 0
    for asked in pieces(*cards, masked_email(alike[0]) if "@" in alike[0] else masked(alike[0])):
        found = found_customers(database, asked) & cards
        assert found in (frozenset(), frozenset(cards)), f"{asked!r} finds {sorted(found)}"
        answered += bool(found)
    assert answered > 10


def test_no_question_tells_files_with_one_mask_apart(database: Engine) -> None:
    assert masked_filename(FILES[0]) == masked_filename(FILES[1])
    for asked in pieces(FILES[0][:32], FILES[1][:24]):
        found = found_calls(database, asked) & {"file 0", "file 1"}
        assert len(found) in (0, 2), f"{asked!r} finds {sorted(found)}"
    assert found_calls(database, "2026-03-01") >= {"file 0", "file 1"}
    assert found_calls(database, "Петров") == frozenset()


@pytest.mark.parametrize("asked", ["+79161234567", "8 916 123-45-67", "9161234567", "+7 916", "7916", "67", "916 •••"])
def test_a_number_is_found_by_what_its_mask_shows(database: Engine, asked: str) -> None:
    assert {"+79161234567", "+79167654367"} <= found_calls(database, asked)
    assert "+79161234567" in found_customers(database, asked)


@pytest.mark.parametrize("asked", ["anna@example.com", "example.com", "@example", "a•••@example.com"])
def test_an_address_is_found_by_what_its_mask_shows(database: Engine, asked: str) -> None:
    assert found_customers(database, asked) == frozenset(MAILS)


def test_the_original_is_searched_as_it_is(database: Engine) -> None:
    with reading(database) as db:
        found = list_contacts(db, Wanted(text="1234567", original=True)).contacts
        assert [one.caller_number for one in found] == ["+79161234567"]
        named = list_contacts(db, Wanted(text="Петров", original=True)).contacts
        assert [one.filename for one in named] == [FILES[0]]


def test_the_mask_in_sql_is_the_mask(database: Engine) -> None:
    """Of what SQL cannot mask it shows nothing."""
    chance = random.Random(SEED)
    with transaction(database) as db:
        numbers = ["", "100", "anonymous", "Анна", "٧٩١٦١٢٣٤٥٦٧", "sip:79161234567@x", "a1b2c3d4e5f6g7", "+"]
        for _ in range(300):
            digits = "".join(chance.choices("0123456789", k=chance.randint(1, 15)))
            parted = "".join(digit + chance.choice(["", "", " ", "-", "(", ")"]) for digit in digits)
            numbers.append(chance.choice(["", "+"]) + chance.choice([digits, parted]))
        db.add_all(_call(number) for number in {*numbers} - {number for alike in ALIKE for number in alike})
    with reading(database) as db:
        rows = db.execute(select(CallRow.caller_number, _mask_of(CallRow.caller_number))).all()
    assert len(rows) > 250
    for number, mask in rows:
        assert mask in (None, masked(number)), number
        if set(number) <= set("+0123456789"):
            assert mask == masked(number)
