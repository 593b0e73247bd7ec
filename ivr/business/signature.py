"""How requests to a company's system are signed, and how the system checks them.

``X-Otklik-Signature`` is the hex HMAC-SHA256, under the shared secret, of five lines joined by line feeds: the method,
the path from ``/v1`` on (what stands before it is a proxy's affair), ``X-Otklik-Timestamp`` (whole Unix seconds),
``Idempotency-Key`` (empty where there is none) and the hex SHA-256 of the body. Method, path and key are part of it so
that a request caught on the way can be turned into no other one; after 300 s it is not taken any more.
"""

from __future__ import annotations

import hashlib
import hmac

TIMESTAMP = "X-Otklik-Timestamp"
SIGNATURE = "X-Otklik-Signature"
KEY = "Idempotency-Key"
WINDOW_SECONDS = 300
"""How far the two clocks may be apart, and how long a request is taken."""


def headers(secret: str, method: str, path: str, body: bytes, *, now: float, key: str = "") -> dict[str, str]:
    """Headers of one request; ``now`` in Unix seconds."""
    timestamp = str(int(now))
    signed = {TIMESTAMP: timestamp, SIGNATURE: signature(secret, method, path, timestamp, body, key)}
    return signed | ({KEY: key} if key else {})


def signature(secret: str, method: str, path: str, timestamp: str, body: bytes, key: str = "") -> str:
    lines = "\n".join((method, path, timestamp, key, hashlib.sha256(body).hexdigest()))
    return hmac.new(secret.encode(), lines.encode(), hashlib.sha256).hexdigest()


def fault(
    secret: str, method: str, path: str, body: bytes, *, timestamp: str, signed: str, now: float, key: str = ""
) -> str:
    """What is wrong with a request's signature; empty when nothing is."""
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return f"{TIMESTAMP}: want whole Unix seconds"
    expected = signature(secret, method, path, timestamp, body, key)
    if not hmac.compare_digest(expected.encode(), signed.encode()):
        return f"{SIGNATURE}: wrong"
    if abs(now - int(timestamp)) > WINDOW_SECONDS:
        return f"{TIMESTAMP}: more than {WINDOW_SECONDS} s off: is the clock right?"
    return ""
