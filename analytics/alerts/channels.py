"""The ways an alert leaves the house: e-mail, and webhooks signed by Standard Webhooks (standardwebhooks.com, v1)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import smtplib
import ssl
from collections.abc import Mapping
from datetime import datetime
from email.message import EmailMessage
from typing import Any

import httpx

from analytics.alerts.settings import AlertSettings
from analytics.errors import Gone, NotDelivered
from recordings.alerts.alerts import Delivery

TIMEOUT_SECONDS = 10.0
"""For each step: to connect, to send, to wait for the answer."""
SHORTEST_SECRET = 24
LABELS: Mapping[str, Mapping[str, str]] = {
    "ru": {"caller": "Номер", "segment": "Сегмент", "at": "Время", "quote": "Слова", "link": "Запись"},
    "en": {"caller": "Number", "segment": "Segment", "at": "Time", "quote": "Words", "link": "Recording"},
}


def send(delivery: Delivery, settings: AlertSettings, now: datetime) -> str:
    """Send one delivery; what the receiver said.

    Raises:
        NotDelivered: not this time.
        Gone: never.
    """
    return _mail(delivery, settings) if delivery.channel == "mail" else _webhook(delivery, settings, now)


def signature(secret: str, id_: str, timestamp: int, body: bytes) -> str:
    """Value of ``webhook-signature``: HMAC-SHA256 over id, timestamp and body, as the standard says."""
    signed = f"{id_}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(secret.encode(), signed, hashlib.sha256).digest()).decode()


def _webhook(delivery: Delivery, settings: AlertSettings, now: datetime) -> str:
    secret = settings.alert_secret.get_secret_value()
    if len(secret) < SHORTEST_SECRET:
        raise NotDelivered(f"OTKLIK_ALERT_SECRET is not set, or shorter than {SHORTEST_SECRET} characters")
    body = json.dumps({"id": delivery.id, **delivery.body}, ensure_ascii=False).encode()
    timestamp = int(now.timestamp())
    headers = {
        "content-type": "application/json",
        "webhook-id": delivery.id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(secret, delivery.id, timestamp, body),
    }
    try:
        with (
            httpx.Client(timeout=TIMEOUT_SECONDS, trust_env=False) as client,
            client.stream("POST", delivery.target, content=body, headers=headers) as answer,
        ):
            status = answer.status_code  # the body is the receiver's affair, however long it is
    except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError) as error:
        raise NotDelivered(f"{type(error).__name__}: {error}") from error
    if status == httpx.codes.GONE:
        raise Gone("the receiver answered 410: it does not want this any more")
    if not 200 <= status < 300:
        raise NotDelivered(f"the receiver answered {status}")
    return str(status)


def _mail(delivery: Delivery, settings: AlertSettings) -> str:
    if not settings.smtp_host or not settings.mail_from:
        raise NotDelivered("no mail server: set OTKLIK_SMTP_HOST and OTKLIK_MAIL_FROM")
    letter = _letter(delivery, settings.mail_from)
    try:
        with smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=TIMEOUT_SECONDS) as server:
            if settings.smtp_tls:
                server.starttls(context=ssl.create_default_context())
            if settings.smtp_user:
                server.login(settings.smtp_user, settings.smtp_password.get_secret_value())
            server.send_message(letter)
    except smtplib.SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()))
        text = f"{code} {said.decode(errors='replace')}"
        raise (Gone if 500 <= code < 600 else NotDelivered)(text) from error
    except (smtplib.SMTPException, OSError) as error:
        raise NotDelivered(f"{type(error).__name__}: {error}") from error
    return "taken by the mail server"


def _letter(delivery: Delivery, sender: str) -> EmailMessage:
    body: Mapping[str, Any] = delivery.body
    labels = LABELS.get(str(body.get("language")), LABELS["en"])
    letter = EmailMessage()
    letter["From"], letter["To"] = sender, delivery.target
    letter["Subject"] = " ".join(f"Otklik: {body['title']}".split())
    letter["Message-ID"] = f"<{delivery.id}@otklik>"
    letter["Auto-Submitted"] = "auto-generated"
    lines = [f"{label}: {body[name]}" for name, label in labels.items() if body.get(name)]
    letter.set_content("\n".join([str(body["title"]), "", *lines, ""]))
    return letter
