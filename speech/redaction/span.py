"""Private parts of a text, their kinds, and what is written in their place."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

PrivateKind = Literal[
    "person",
    "phone",
    "card",
    "email",
    "address",
    "passport",
    "inn",
    "snils",
    "date_of_birth",
    "account",
    "url",
    "ip",
    "other",
]
KINDS: tuple[str, ...] = get_args(PrivateKind)
"""``other`` is what fits none: codes of cards, PINs, one-time codes, passwords, SSN, policies, driving licences."""

LABELS: dict[str, dict[str, str]] = {
    "ru": {
        "person": "имя",
        "phone": "телефон",
        "card": "карта",
        "email": "почта",
        "address": "адрес",
        "passport": "паспорт",
        "inn": "инн",
        "snils": "снилс",
        "date_of_birth": "дата рождения",
        "account": "счёт",
        "url": "ссылка",
        "ip": "ip-адрес",
        "other": "скрыто",
    },
    "en": {
        "person": "name",
        "phone": "phone",
        "card": "card",
        "email": "email",
        "address": "address",
        "passport": "passport",
        "inn": "tax number",
        "snils": "snils",
        "date_of_birth": "date of birth",
        "account": "account",
        "url": "link",
        "ip": "ip address",
        "other": "hidden",
    },
}
"""Language → kind → the word in brackets that is written instead; languages without their own have the English."""
PLACEHOLDER = re.compile(
    r"\[(?:" + "|".join(re.escape(label) for labels in LABELS.values() for label in labels.values()) + r")\]"
)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class PrivateSpan:
    """Where a text holds something private."""

    start: int
    """Index of its first character."""
    end: int
    """Index after its last character."""
    kind: str
    """One of ``KINDS``."""


def placeholder(kind: str, language: str) -> str:
    """What is written instead of a private part: ``[телефон]``."""
    return f"[{LABELS.get(language, LABELS['en'])[kind]}]"


def put_out(text: str, spans: Iterable[PrivateSpan], language: str) -> str:
    """The text with placeholders instead of the spans, which are by position and do not overlap."""
    parts, at = [], 0
    for span in spans:
        parts += [text[at : span.start], placeholder(span.kind, language)]
        at = span.end
    return "".join([*parts, text[at:]])
