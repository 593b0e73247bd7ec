"""Where a text names somebody, and where it names somebody else."""

from __future__ import annotations

import pytest

from recordings.privacy.spellings import Spellings
from recordings.privacy.subject import Kind, Subject, subject_from

pytestmark = pytest.mark.unit

ANNA = "+79162345678"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("перезвоните +7 916 234-56-78 завтра", True),
        ("8(916)2345678", True),
        ("9162345678", True),
        ("+7\N{NO-BREAK SPACE}916\N{NO-BREAK SPACE}234\N{NON-BREAKING HYPHEN}56\N{NON-BREAKING HYPHEN}78", True),
        ("в 2026 916 234-56-78", True),
        ("девять один шесть два три четыре пять шесть семь восемь", True),
        ("девятьсот шестнадцать двести тридцать четыре пятьдесят шесть семьдесят восемь", True),
        ("+1 916 234-5678", False),
        ("+1 (916) 234-56-78", False),
        ("19162345678", False),
        ("заказ 991623456780", False),
        ("0.9162345678123", False),
        ("", False),
    ],
)
def test_a_number_in_free_text(text: str, named: bool) -> None:
    spelled = Spellings(subject_from(ANNA))
    assert spelled.stands_in(text) is named
    assert bool(list(spelled.places_in_bytes(text.encode()))) is named


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("+372 512 3456", True),
        ("003725123456", True),
        ("372 5123456", True),
        ("+7 916 512-34-56", False),
        ("512 3456", False),  # without its country's code it is nobody's
        ("20261130 5123456", False),
        ("+372 5123 4567", False),
        ("+372 512 34567", False),
    ],
)
def test_a_short_number_of_another_country(text: str, named: bool) -> None:
    assert Spellings(subject_from("+372 512 3456")).stands_in(text) is named


def test_what_is_masked_is_the_person_alone() -> None:
    masked = Spellings(subject_from(ANNA)).masked("+7 916 234-56-78, +1 916 234-5678, 8 916 234 56 78")
    assert masked == "+7 *************, +1 916 234-5678, 8 *************"


def test_an_e_mail_and_a_messenger() -> None:
    mail = Spellings(subject_from("Anna@Example.org"))
    assert mail.stands_in("пишите ANNA@example.org.")
    assert not mail.stands_in("joanna@example.org")
    assert not mail.stands_in("anna@example.org.uk")
    short = Spellings(Subject(kind=Kind.MESSENGER, value="telegram:4711"))
    assert short.stands_in("from telegram:4711")
    assert not short.stands_in("заказ 4711")
    assert not short.stands_in("telegram:47112")


@pytest.mark.parametrize(
    ("typed", "kind", "value"),
    [
        ("8 916 234-56-78", Kind.PHONE, ANNA),
        ("tel:+7-916-234-56-78", Kind.PHONE, ANNA),
        ("whatsapp:79162345678", Kind.PHONE, ANNA),
        ("mail:Anna@Example.org", Kind.EMAIL, "anna@example.org"),
        (" Anna@Example.org ", Kind.EMAIL, "anna@example.org"),
        ("telegram:4711", Kind.MESSENGER, "telegram:4711"),
    ],
)
def test_an_address_has_one_form(typed: str, kind: Kind, value: str) -> None:
    assert subject_from(typed) == Subject(kind=kind, value=value)
