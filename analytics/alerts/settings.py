"""How alerts leave the house; read once a process."""

from __future__ import annotations

from functools import cache

from pydantic import SecretStr

from speech.settings import Settings


class AlertSettings(Settings):
    """Mail and webhooks. What is not set is not used: such deliveries wait and say so."""

    web_url: str = "http://127.0.0.1:8080"
    """Address of the pages as people reach them: it begins the links in mails and webhooks."""
    smtp_host: str = ""
    """Mail server; empty: no mail is sent."""
    smtp_port: int = 25
    """Port of the mail server."""
    smtp_tls: bool = False
    """STARTTLS before anything is said."""
    smtp_user: str = ""
    """Log-in of the mail server; empty: none is wanted."""
    smtp_password: SecretStr = SecretStr("")
    """Password of ``smtp_user``."""
    mail_from: str = ""
    """Sender of the mails, as ``otklik@example.com``."""
    alert_secret: SecretStr = SecretStr("")
    """Signs webhooks; at least 24 characters. The receiver checks with the same."""


@cache
def alert_settings() -> AlertSettings:
    """The process's own."""
    return AlertSettings()
