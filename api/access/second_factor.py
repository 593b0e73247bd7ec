"""The second factor: six digits of an authenticator (TOTP, RFC 6238), and recovery codes for who has lost it.

No table holds the key: it is the HMAC of a random salt under the installation's secret, so that a copy of the database
makes no codes. Recovery codes are kept as HMACs under the same secret, used once. A code counts once, too: its
half-minute is stored, and only later ones are taken.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import pyotp
import segno
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from recordings.tables import RecoveryCodeRow, SecondFactorRow

ISSUER = "Otklik"
TOLERANCE = 1
"""Half-minutes by which the clock of a telephone may be wrong, either way."""
ENROLLING = timedelta(hours=1)
"""How long a key that was shown may be enrolled with: who looked over a shoulder once must not have it."""
RECOVERY_CODES = 10
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Of recovery codes; none is taken for another one."""


class Shown(StrEnum):
    """By what somebody has proved themselves."""

    NOTHING = ""
    CODE = "code"
    RECOVERY = "recovery code"


def is_on(db: Session, user_id: str) -> bool:
    """Whether a code is asked for at the log-in."""
    row = db.get(SecondFactorRow, user_id)
    return row is not None and row.confirmed_at is not None


def begin(db: Session, user_id: str) -> None:
    """Draw a new key to enrol with, unless one was just shown or a second factor is there."""
    row, now = db.get(SecondFactorRow, user_id), datetime.now(UTC)
    if row is None:
        db.add(SecondFactorRow(user_id=user_id, salt=secrets.token_hex(20), created_at=now))
    elif row.confirmed_at is None and now - row.created_at > ENROLLING:
        row.salt, row.created_at, row.counter = secrets.token_hex(20), now, 0
    db.flush()


def waiting_key(db: Session, user_id: str, secret: bytes) -> str | None:
    """The key to put into an authenticator, in base32; None when nothing waits: it is not shown again."""
    row = db.get(SecondFactorRow, user_id)
    return _key(row, secret) if row is not None and row.confirmed_at is None else None


def qr_of(key: str, login: str) -> str:
    """What an authenticator scans, as an SVG picture without style or script."""
    uri = pyotp.TOTP(key).provisioning_uri(name=login, issuer_name=ISSUER)
    drawn = segno.make(uri, error="m")
    return drawn.svg_inline(scale=5, border=4, dark="#000", light="#fff", svgclass=None, lineclass=None)


def confirm(db: Session, user_id: str, code: str, secret: bytes) -> tuple[str, ...] | None:
    """Ask for codes from now on, if this is one; gives the recovery codes, which are shown once."""
    row = db.get(SecondFactorRow, user_id)
    if row is None or row.confirmed_at is not None or not _use(db, row, code, secret):
        return None
    row.confirmed_at = datetime.now(UTC)
    return draw_recovery_codes(db, user_id, secret)


def draw_recovery_codes(db: Session, user_id: str, secret: bytes) -> tuple[str, ...]:
    """New ones; those of before count no more."""
    db.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.user_id == user_id))
    codes = tuple(f"{_letters()}-{_letters()}" for _ in range(RECOVERY_CODES))
    db.add_all(RecoveryCodeRow(code_hash=_sealed(code, user_id, secret), user_id=user_id) for code in codes)
    return codes


def recovery_codes_left(db: Session, user_id: str) -> int:
    """How many have not been used."""
    return db.scalar(select(func.count()).where(RecoveryCodeRow.user_id == user_id)) or 0


def check(db: Session, user_id: str, code: str, secret: bytes) -> Shown:
    """Whether this is a code of the authenticator or one for recovery; either is used up by it."""
    row = db.get(SecondFactorRow, user_id)
    if row is None or row.confirmed_at is None:
        return Shown.NOTHING
    if _use(db, row, code, secret):
        return Shown.CODE
    sealed = _sealed(code, user_id, secret)
    of_it = delete(RecoveryCodeRow).where(RecoveryCodeRow.code_hash == sealed, RecoveryCodeRow.user_id == user_id)
    return Shown.RECOVERY if db.execute(of_it.returning(RecoveryCodeRow.code_hash)).first() else Shown.NOTHING


def reset(db: Session, user_id: str) -> bool:
    """Ask for no code any more; tells whether one was asked for."""
    was = is_on(db, user_id)
    db.execute(delete(SecondFactorRow).where(SecondFactorRow.user_id == user_id))
    db.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.user_id == user_id))
    return was


def _use(db: Session, row: SecondFactorRow, code: str, secret: bytes) -> bool:
    """Take a code if it is right and of a later half-minute than the last one; of two at once one is taken."""
    digits = "".join(code.split())
    if not (digits.isascii() and digits.isdecimal() and len(digits) == 6):
        return False
    try:
        counter = pyotp.TOTP(_key(row, secret)).verify_and_get_timecode(digits, valid_window=TOLERANCE)
    except pyotp.OTPVerificationError:
        return False
    of_it = SecondFactorRow.user_id == row.user_id, SecondFactorRow.counter < counter
    taken = update(SecondFactorRow).where(*of_it).values(counter=counter).returning(SecondFactorRow.user_id)
    return db.execute(taken).first() is not None


def _key(row: SecondFactorRow, secret: bytes) -> str:
    """160 bits, as RFC 4226 asks for."""
    made = hmac.digest(secret, f"second factor {row.user_id} {row.salt}".encode(), hashlib.sha256)
    return base64.b32encode(made[:20]).decode()


def _sealed(code: str, user_id: str, secret: bytes) -> str:
    plain = "".join(letter for letter in code.lower() if letter in LETTERS)
    return hmac.new(secret, f"recovery code {user_id} {plain}".encode(), hashlib.sha256).hexdigest()


def _letters() -> str:
    """24 bits; two of them make a code."""
    return "".join(secrets.choice(LETTERS) for _ in range(5))
