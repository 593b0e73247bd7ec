"""Which numbers our people ring back: a rule that stands here alone, before a promise and before a row is written."""

from __future__ import annotations

from collections.abc import Mapping

import phonenumbers
from phonenumbers import PhoneNumberType as Type

from recordings.calls.settings import CallbackSettings, NumberKind, callback_settings
from recordings.contacts.phone_numbers import e164
from speech.slots.slots import country_of

KINDS: Mapping[int, frozenset[NumberKind]] = {
    Type.FIXED_LINE: frozenset({"fixed"}),
    Type.MOBILE: frozenset({"mobile"}),
    Type.FIXED_LINE_OR_MOBILE: frozenset({"fixed", "mobile"}),
    Type.VOIP: frozenset({"voip"}),
    Type.TOLL_FREE: frozenset({"toll_free"}),
    Type.PERSONAL_NUMBER: frozenset({"personal"}),
    Type.UAN: frozenset({"company"}),
}
"""What a number of the numbering plan is to us; whatever is missing here is never rung."""


def may_ring(number: str, language: str, settings: CallbackSettings | None = None) -> bool:
    """Whether the company rings such a number back: a real one, of a country and a kind that it allows.

    Args:
        number: As the caller gave it, or the network.
        language: Of the conversation: says which country a number without a code belongs to.
        settings: Countries and kinds; the process's own where they are not given.
    """
    allowed, whole = settings or callback_settings(), e164(number, language)
    if whole is None:
        return False
    parsed, home = phonenumbers.parse(whole), country_of(language)
    country = phonenumbers.region_code_for_number(parsed)  # none where the plan knows no such number
    kinds = KINDS.get(phonenumbers.number_type(parsed), frozenset())
    return country in (allowed.callback_countries or (home,)) and bool(kinds & frozenset(allowed.callback_kinds))


def number_to_ring(number: str, language: str) -> str:
    """The number where it may be rung, otherwise none: the wish is kept and somebody finds another way."""
    return number if may_ring(number, language) else ""
