"""Whose data: a person as one of their addresses names them, by telephone, e-mail or messenger."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from enum import StrEnum

from recordings.contacts.phone_numbers import EMAIL, e164, sender_of
from recordings.customers.chats import fit
from recordings.errors import NotAPhone
from recordings.privacy.settings import PrivacySettings

LONGEST = 254
"""Letters of an address that are looked at."""
IN_CHANNEL = re.compile(r"(?P<channel>[\w.\-]{1,32}):(?P<address>\S.*)", re.DOTALL)
NO_TEXT = re.compile(r"[\ud800-\udfff]")
"""What bytes on a command line that are no UTF-8 become."""
PREFIXES = ("tel:", "mailto:")


class Kind(StrEnum):
    PHONE = "phone"
    EMAIL = "email"
    MESSENGER = "messenger"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One address of a person, in the one form in which it is kept and compared."""

    kind: Kind
    value: str
    """E.164; an e-mail in lower case; or ``channel:address`` of who writes under a name that the channel gave."""

    @property
    def channel(self) -> tuple[str, str]:
        """Name of the channel, and the address there."""
        name, _, address = self.value.partition(":")
        return name, address


def subject_from(text: str, language: str = "ru") -> Subject:
    """Whom somebody means who types an address: ``8 916 123-45-67``, ``anna@example.org`` or ``telegram:4711``.

    Raises:
        NotAPhone: it is none of these.
    """
    typed = text.strip()[:LONGEST]
    if NO_TEXT.search(typed):
        raise NotAPhone("this is no UTF-8; write it as the page or a terminal of this machine would")
    for prefix in PREFIXES:
        typed = typed.removeprefix(prefix)
    if in_channel := IN_CHANNEL.fullmatch(typed):
        return sender(in_channel["channel"], in_channel["address"], language)
    if EMAIL.fullmatch(typed):
        return Subject(kind=Kind.EMAIL, value=typed.lower())
    if number := e164(typed, language):
        return Subject(kind=Kind.PHONE, value=number)
    raise NotAPhone(
        "this is no telephone number, no e-mail and no address in a messenger; write it as +79161234567, with the "
        "country's code, as anna@example.org or as telegram:4711"
    )


def sender(channel: str, address: str, language: str = "ru") -> Subject:
    """Who writes through a channel."""
    known = sender_of(channel, address, language)
    if known:
        return Subject(kind=Kind.PHONE if known.startswith("+") else Kind.EMAIL, value=known)
    return Subject(kind=Kind.MESSENGER, value=f"{channel}:{fit('address', address)}")


def digest_of(subject: Subject, settings: PrivacySettings) -> str:
    """The digest that stands for somebody where they must not be named.

    Raises:
        ValueError: the installation has no secret.
    """
    return digest_of_text(subject.value, settings)


def digest_of_text(text: str, settings: PrivacySettings) -> str:
    """HMAC-SHA256 of a text under the installation's secret.

    Raises:
        ValueError: the installation has no secret; without one every number could be tried.
    """
    secret = settings.erasure_secret.get_secret_value()
    if not secret:
        raise ValueError("OTKLIK_ERASURE_SECRET is not set: run otklik up once, or set it on every machine alike")
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
