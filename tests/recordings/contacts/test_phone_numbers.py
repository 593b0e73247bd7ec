"""What a network, a form and a file name say becomes one whole number, or none."""

from __future__ import annotations

import pytest

from recordings.contacts.phone_numbers import e164, numbers_in_name, sender_of
from speech.settings import speech_settings

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("said", "language", "kept"),
    [
        ("+7 916 234-56-78", "ru", "+79162345678"),
        ("8 (916) 234-56-78", "ru", "+79162345678"),
        ("79162345678", "ru", "+79162345678"),
        ("9162345678", "ru", "+79162345678"),
        ("9162345678", "en", "+19162345678"),
        ("+1 916 234-5678", "ru", "+19162345678"),
        ("+372 512 3456", "ru", "+3725123456"),
        ("003725123456", "ru", "+3725123456"),
        ("101", "ru", None),
        ("anonymous", "ru", None),
        ("", "ru", None),
        ("+" * 10_000, "ru", None),
    ],
)
def test_a_number_is_read_whole(said: str, language: str, kept: str | None) -> None:
    assert e164(said, language) == kept


def test_the_country_of_the_installation_is_read_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTKLIK_COUNTRY", "ee")
    speech_settings.cache_clear()
    assert [e164(number, language) for number in ("5123456", "+79162345678") for language in ("ru", "en")] == [
        "+3725123456",
        "+3725123456",
        "+79162345678",
        "+79162345678",
    ]


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("Иван Петров (+7 999 000-00-05) 2026-11-30.3gp", ("+79990000005",)),
        ("20261130-120000_+79162345678_+74951234567.wav", ("+79162345678", "+74951234567")),
        ("89162345678-2026-11-30-12-00-00.mp3", ("+79162345678",)),
        ("8 (916) 234-56-78 возврат.wav", ("+79162345678",)),
        ("звонок 916 234 56 78.wav", ("+79162345678",)),
        ("in-79162345678-79162345678.wav", ("+79162345678",)),
        ("89990000005.wav", ("+79990000005",)),
        ("+372 512 3456.wav", ("+3725123456",)),
        ("20261130120000.wav", ()),
        ("2026-11-30 12-00-05.wav", ()),
        ("30-11-2026_12-00-05.wav", ()),
        ("1795327401.7.wav", ()),
        ("3f2b1c4d-1234-5678-9162-345678901234.wav", ()),
        ("заказ 4127.wav", ()),
    ],
)
def test_numbers_of_a_file_name_and_no_dates(name: str, numbers: tuple[str, ...]) -> None:
    assert numbers_in_name(name) == numbers


@pytest.mark.parametrize(
    ("channel", "address", "sender"),
    [
        ("whatsapp", "79162345678", "+79162345678"),
        ("telegram", "79162345678", ""),  # ids of its own that look like numbers are none
        ("telegram", "+79162345678", "+79162345678"),
        ("mail", "Anna@Example.org", "anna@example.org"),
        ("web", "0c9e3f4a-55aa-4be2-9162-345678901234", ""),
    ],
)
def test_who_sends(channel: str, address: str, sender: str) -> None:
    assert sender_of(channel, address) == sender
