"""One person's data and legal holds. The secret of the receipts is drawn here where the installation has none yet."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine

from api.installation.drawn_secrets import draw_secrets
from recordings.announce import announce_erasure
from recordings.audio_store import AudioStore
from recordings.backup.erasure_journal import note_erasures
from recordings.database import transaction
from recordings.privacy import audit, legal_holds, privacy
from recordings.privacy.legal_holds import LegalHold
from recordings.privacy.pii_search import PiiMatch
from recordings.privacy.receipts import Erasure
from recordings.privacy.settings import PrivacySettings
from recordings.privacy.subject import subject_from
from recordings.settings import store_settings


def privacy_settings() -> PrivacySettings:
    """Settings with the secret under which receipts name a person."""
    found = PrivacySettings()
    if not found.erasure_secret.get_secret_value():
        draw_secrets()
        found = PrivacySettings()
    return found


def export_person(engine: Engine, sounds: AudioStore, address: str, target: Path, *, by: str) -> dict[str, int]:
    """Write all that is kept of a person into a ZIP that only this account may read; nothing is hidden.

    Returns:
        How many rows of each part, and ``files``.

    Raises:
        NotAPhone: the address is none.
        OSError: the file cannot be written.
    """
    subject_from(address)
    target.touch(mode=0o600)
    target.chmod(0o600)
    return privacy.export_person(engine, sounds, address, target, by=by, settings=privacy_settings())


def erase_person(engine: Engine, sounds: AudioStore, address: str, *, by: str) -> Erasure:
    """Erase all that is kept of a person, for good.

    Raises:
        NotAPhone: the address is none.
        UnderHold: a legal hold forbids it.
        CallGoesOn: somebody talks with them now.
    """
    erasure = privacy.erase_person(engine, sounds, address, by=by, settings=privacy_settings())
    note_erasures(engine, store_settings().backup_dir)
    return erasure


def begin_erasure(engine: Engine, broker: str, address: str, *, by: str) -> Erasure:
    """Have the workers erase all that is kept of a person, for good; the receipt tells how far they are.

    Raises:
        NotAPhone: the address is none.
        UnderHold: a legal hold forbids it.
        CallGoesOn: somebody talks with them now; they are erased after the call.
    """
    erasure = privacy.begin_erasure(engine, address, by=by, settings=privacy_settings())
    announce_erasure(broker, erasure.id)
    return erasure


def verify_erased(engine: Engine, sounds: AudioStore, address: str) -> tuple[PiiMatch, ...]:
    """Every place that still holds the address; those among words may be other people's.

    Raises:
        NotAPhone: the address is none.
    """
    return privacy.verify_erased(engine, sounds, address, privacy_settings())


def lay_hold(
    engine: Engine,
    *,
    phone: str = "",
    email: str = "",
    messenger: str = "",
    contact: str = "",
    reason: str,
    by: str,
) -> LegalHold:
    """Forbid to delete what there is of a person or of one contact. ``phone`` may be any address of a person.

    Raises:
        NotAPhone: the address is none.
        ValueError: none or several are named, or no reason.
    """
    named = [value for value in (phone, email, messenger) if value]
    if len(named) + bool(contact) != 1:
        raise ValueError("name one: an address of a person, or the id of a contact")
    whose = {}
    for address in named:
        subject = subject_from(address)
        whose = {subject.kind.value: subject.value}
    with transaction(engine) as db:
        laid = legal_holds.add_hold(db, **whose, contact_id=contact, reason=reason, by=by)
        audit.note(db, by, "hold.added", contact or laid.id, {"hold": laid.id})
    return laid


def release_hold(engine: Engine, hold_id: str, *, by: str) -> bool:
    """Let what a hold covers be deleted again; False when no such hold stands."""
    with transaction(engine) as db:
        released = legal_holds.release_hold(db, hold_id, by=by)
        if released:
            audit.note(db, by, "hold.released", hold_id)
    return released
