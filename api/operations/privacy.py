"""One person's data and legal holds. The secret of the receipts is drawn here where the installation has none yet."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine

from api.installation.drawn_secrets import draw_secrets
from recordings.audio_store import AudioStore
from recordings.database import transaction
from recordings.privacy import audit, legal_holds, privacy
from recordings.privacy.legal_holds import LegalHold
from recordings.privacy.person import phone_of
from recordings.privacy.pii_search import PiiMatch
from recordings.privacy.privacy import Erasure
from recordings.privacy.settings import PrivacySettings


def privacy_settings() -> PrivacySettings:
    """Settings with the secret under which receipts name a person."""
    found = PrivacySettings()
    if not found.erasure_secret.get_secret_value():
        draw_secrets()
        found = PrivacySettings()
    return found


def export_person(engine: Engine, sounds: AudioStore, phone: str, target: Path, *, by: str) -> dict[str, int]:
    """Write all that is kept of a person into a ZIP that only this account may read; nothing is hidden.

    Returns:
        How many rows of each part, and ``files``.

    Raises:
        NotAPhone: the number is none.
        OSError: the file cannot be written.
    """
    phone_of(phone)
    target.touch(mode=0o600)
    target.chmod(0o600)
    return privacy.export_person(engine, sounds, phone, target, by=by, settings=privacy_settings())


def erase_person(engine: Engine, sounds: AudioStore, phone: str, *, by: str) -> Erasure:
    """Erase all that is kept of a person, for good.

    Raises:
        NotAPhone: the number is none.
        UnderHold: a legal hold forbids it.
        CallGoesOn: somebody talks with them now.
    """
    return privacy.erase_person(engine, sounds, phone, by=by, settings=privacy_settings())


def verify_erased(engine: Engine, sounds: AudioStore, phone: str) -> tuple[PiiMatch, ...]:
    """Every place that still holds the number; those among words may be other people's.

    Raises:
        NotAPhone: the number is none.
    """
    return privacy.verify_erased(engine, sounds, phone, privacy_settings())


def lay_hold(engine: Engine, *, phone: str, contact: str, reason: str, by: str) -> LegalHold:
    """Forbid to delete what there is of a person or of one contact.

    Raises:
        NotAPhone: the number is none.
        ValueError: neither or both are named, or no reason.
    """
    with transaction(engine) as db:
        number = phone_of(phone) if phone else ""
        laid = legal_holds.add_hold(db, phone=number, contact_id=contact, reason=reason, by=by)
        audit.note(db, by, "hold.added", contact or laid.id, {"hold": laid.id})
    return laid


def release_hold(engine: Engine, hold_id: str, *, by: str) -> bool:
    """Let what a hold covers be deleted again; False when no such hold stands."""
    with transaction(engine) as db:
        released = legal_holds.release_hold(db, hold_id, by=by)
        if released:
            audit.note(db, by, "hold.released", hold_id)
    return released
