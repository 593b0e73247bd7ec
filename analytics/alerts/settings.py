"""How alerts leave the house; read once a process."""

from __future__ import annotations

from functools import cache
from ipaddress import IPv4Network, IPv6Network
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, SecretStr

from speech.settings import Settings

_FORMER = {"true": "starttls", "1": "starttls", "yes": "starttls", "on": "starttls",
           "false": "no", "0": "no", "off": "no", "": "no"}  # fmt: skip


def _tls(value: object) -> object:
    """As it was written when it was yes or no."""
    return _FORMER.get(str(value).lower(), value)


Tls = Annotated[Literal["no", "starttls", "implicit"], BeforeValidator(_tls)]


class AlertSettings(Settings):
    """Mail and webhooks. What is not set is not used: such deliveries wait and say so."""

    web_url: str = "http://127.0.0.1:8080"
    """Address of the pages as people reach them: it begins the links in mails and webhooks."""
    smtp_host: str = ""
    """Mail server; empty: no mail is sent."""
    smtp_port: int = 25
    """Port of the mail server."""
    smtp_tls: Tls = "no"
    """``starttls``: TLS before anything is said; ``implicit``: from the first byte, usually port 465; ``no``."""
    smtp_user: str = ""
    """Log-in of the mail server; empty: none is wanted."""
    smtp_password: SecretStr = SecretStr("")
    """Password of ``smtp_user``. Without TLS it is said to a mail server on this machine only."""
    smtp_password_in_clear: bool = False
    """True lets the password go over the network without TLS, for who wants that."""
    mail_from: str = ""
    """Sender of the mails, as ``otklik@example.com``."""
    alert_secret: SecretStr = SecretStr("")
    """Signs webhooks; at least 24 characters. The receiver checks with the same."""
    webhook_networks: list[IPv4Network | IPv6Network] = Field(default_factory=list)
    """Networks inside the company that webhooks may reach, as ``["10.1.2.0/24"]``; the internet they always may."""


@cache
def alert_settings() -> AlertSettings:
    """The process's own."""
    return AlertSettings()
