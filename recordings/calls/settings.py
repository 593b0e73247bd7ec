"""Whom our people ring back; read once a process."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints
from pydantic_settings import NoDecode

from speech.settings import Settings

Region = Annotated[str, BeforeValidator(str.upper), StringConstraints(pattern=r"^[A-Z]{2}$")]
NumberKind = Literal["fixed", "mobile", "voip", "toll_free", "personal", "company"]
"""Kinds of number that cost what a call costs. Premium rate, shared cost, pagers and satellites can never be chosen."""
_by_comma = BeforeValidator(
    lambda value: tuple(filter(None, value.replace(",", " ").split())) if isinstance(value, str) else value
)


class CallbackSettings(Settings):
    """Which numbers may be promised a call-back, and how many a day."""

    callback_countries: Annotated[tuple[Region, ...], NoDecode, _by_comma] = ()
    """Countries that are rung back, as ``RU,KZ`` (ISO 3166); empty: the one of the line's language."""
    callback_kinds: Annotated[tuple[NumberKind, ...], NoDecode, _by_comma] = ("fixed", "mobile")
    """Kinds of number that are rung back; numbers that cost more than a call never are."""
    chats_day: int = Field(default=60, ge=1)
    """New chats in 24 hours from one network address."""
    callbacks_day: int = Field(default=3, ge=1)
    """Call-backs in 24 hours that one caller or visitor may ask for, and that one number may be promised."""


@cache
def callback_settings() -> CallbackSettings:
    """The process's own."""
    return CallbackSettings()
