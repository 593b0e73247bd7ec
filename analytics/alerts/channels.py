"""The ways an alert leaves the house: e-mail, and webhooks signed by Standard Webhooks (standardwebhooks.com, v1)."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from email.message import EmailMessage
from ipaddress import ip_address
from typing import Any

import httpx

from analytics.alerts.addresses import reachable
from analytics.alerts.settings import AlertSettings
from analytics.errors import Gone, NotDelivered
from recordings.alerts.alerts import Delivery

DEADLINE_SECONDS = 10.0
"""For the whole of a delivery, however slowly the receiver drips."""
MOST_ADDRESSES = 3
"""Of one host that are tried."""
SHORTEST_SECRET = 24
LABELS: Mapping[str, Mapping[str, str]] = {
    "ru": {"caller": "Номер", "segment": "Сегмент", "at": "Время", "quote": "Слова", "link": "Запись"},
    "en": {"caller": "Number", "segment": "Segment", "at": "Time", "quote": "Words", "link": "Recording"},
}


def send(delivery: Delivery, settings: AlertSettings, now: datetime) -> str:
    """Send one delivery, within ``DEADLINE_SECONDS``; what the receiver said.

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
    status = _posted(delivery.target, body, headers, settings)
    if status == httpx.codes.GONE:
        raise Gone("the receiver answered 410: it does not want this any more")
    if not 200 <= status < 300:
        raise NotDelivered(f"the receiver answered {status}")
    return str(status)


def _posted(target: str, body: bytes, headers: Mapping[str, str], settings: AlertSettings) -> int:
    """Status of the answer. Its body is the receiver's affair, however long; nobody follows where it points to."""
    until = time.monotonic() + DEADLINE_SECONDS
    try:
        url = httpx.URL(target)
        port = url.port or (443 if url.scheme == "https" else 80)
        found = reachable(url.host, port, allowed=settings.webhook_networks, seconds=DEADLINE_SECONDS)
        return asyncio.run(_post_to(found, url, body, headers, until - time.monotonic()))
    except TimeoutError as error:
        raise NotDelivered(f"no answer within {DEADLINE_SECONDS:g} s") from error
    except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError) as error:
        raise NotDelivered(f"{type(error).__name__}: {error}") from error


async def _post_to(
    addresses: list[str], url: httpx.URL, body: bytes, headers: Mapping[str, str], seconds: float
) -> int:
    """Post to the first of some addresses that lets us connect, under the name that the URL gives."""
    named = {"sni_hostname": url.host}  # whose certificate it must show
    async with (
        asyncio.timeout(max(seconds, 0.1)),
        httpx.AsyncClient(timeout=DEADLINE_SECONDS, trust_env=False) as client,
    ):
        for left, address in enumerate(addresses[:MOST_ADDRESSES], 1 - len(addresses[:MOST_ADDRESSES])):
            asked = client.stream(
                "POST",
                url.copy_with(host=address),
                content=body,
                headers={"host": url.netloc.decode("ascii"), **headers},
                extensions=named,
            )
            try:
                async with asked as answer:
                    return answer.status_code
            except httpx.ConnectError:
                if not left:
                    raise
    raise AssertionError("a host without addresses is not reachable")


@contextmanager
def _mail_server(settings: AlertSettings) -> Iterator[smtplib.SMTP]:
    """The mail server, cut off after ``DEADLINE_SECONDS``: it may drip, too."""
    context = ssl.create_default_context()
    host, port, seconds = settings.smtp_host, settings.smtp_port, DEADLINE_SECONDS
    if settings.smtp_tls == "implicit":
        server: smtplib.SMTP = smtplib.SMTP_SSL(timeout=seconds, context=context)
    else:
        server = smtplib.SMTP(timeout=seconds)

    over = threading.Event()

    def cut() -> None:
        over.wait(seconds)
        while not over.is_set():
            with suppress(OSError, AttributeError):  # it may not be connected yet, or no longer
                server.sock.shutdown(socket.SHUT_RDWR)  # type: ignore[union-attr]
            over.wait(0.1)

    threading.Thread(target=cut, name="mail server's time", daemon=True).start()
    try:
        server._host = host  # type: ignore[attr-defined] # the certificate's name; only the constructor would set it
        code, said = server.connect(host, port)
        if code != 220:
            raise smtplib.SMTPConnectError(code, said)
        if settings.smtp_tls == "starttls":
            server.starttls(context=context)
        yield server
        with suppress(smtplib.SMTPException, OSError):
            server.quit()  # the letter is taken
    finally:
        over.set()
        server.close()


def _log_in(server: smtplib.SMTP, settings: AlertSettings) -> None:
    """Say the password, where nobody else hears it.

    Raises:
        NotDelivered: somebody might.
    """
    peer = server.sock.getpeername()[0] if server.sock else ""
    here = peer != "" and ip_address(peer.partition("%")[0]).is_loopback
    if not (here or isinstance(server.sock, ssl.SSLSocket) or settings.smtp_password_in_clear):
        raise NotDelivered(
            "the password of the mail server is not said without TLS: set OTKLIK_SMTP_TLS to starttls or implicit"
        )
    server.login(settings.smtp_user, settings.smtp_password.get_secret_value())


def _mail(delivery: Delivery, settings: AlertSettings) -> str:
    if not settings.smtp_host or not settings.mail_from:
        raise NotDelivered("no mail server: set OTKLIK_SMTP_HOST and OTKLIK_MAIL_FROM")
    letter = _letter(delivery, settings.mail_from)
    try:
        with _mail_server(settings) as server:
            if settings.smtp_user:
                _log_in(server, settings)
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
