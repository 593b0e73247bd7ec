"""What is installed, reachable and listening, and what to do about what is not."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError

from api.installation.drawn_secrets import secrets_file
from api.installation.parts import ANSWERS, wanted_ports
from api.installation.ports import complaint, holder, is_free
from api.kit.forwarded import is_in
from api.settings import WebSettings
from ivr.business.replies import checked
from ivr.business.requests import open_business
from ivr.business.settings import BusinessSettings
from ivr.errors import BusinessError
from ivr.telephony.ari import is_safe
from recordings.calls import outbox
from recordings.database import connect, reading
from recordings.settings import StoreSettings
from recordings.tables import AuditRow
from speech.errors import SpeechError
from speech.models import models
from speech.models.kept import list_kept
from speech.recognition import engines
from speech.settings import PROJECT, PlaceSettings, SpeechSettings, home, local_now, local_zone

FREE_BYTES = 2_000_000_000
"""Below this a day of recordings (115 MB an hour of stereo at 8 kHz) may not fit."""


HOLDERS = dict.fromkeys(("SIP", "SIP over TLS", "Asterisk's ARI"), "Asterisk and the robot")
"""Which answer tells that a port is held by our own part; the others are called as their port."""


PROBE = "customers.find"
NOBODY = "+70000000000"
LATELY = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing looked at."""

    name: str
    ok: bool
    found: str
    remedy: str = ""
    """What to do; empty when all is well."""


def examine(*, parts: bool = True) -> Iterator[Check]:
    """Look at everything an installation needs, in the order in which things depend on each other.

    Args:
        parts: Look at what answers and listens, too.
    """
    yield _python()
    yield _time_zone()
    yield from _debian_packages()
    yield asterisk_check()
    yield _secrets()
    yield _disk()
    yield from _models()
    yield trained_models(SpeechSettings().models_dir)
    yield _database()
    yield business_check()
    yield from outbox_check()
    yield from ignored_proxies()
    if parts:
        yield from _running()


def _python() -> Check:
    version = ".".join(map(str, sys.version_info[:3]))
    return Check(
        name="Python", ok=(3, 11) <= sys.version_info[:2] < (3, 13), found=version, remedy="use Python 3.11 or 3.12"
    )


def _time_zone() -> Check:
    told = PlaceSettings().time_zone
    whose = "OTKLIK_TIME_ZONE" if told else "the machine's own; set OTKLIK_TIME_ZONE where callers live in another one"
    return Check(name="time zone", ok=True, found=f"{local_zone()}, {local_now():%H:%M} now ({whose})")


def _debian_packages() -> Iterator[Check]:
    for line in (PROJECT / "docker" / "debian-packages.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("#") or not line.strip():
            continue
        package, kind, purpose = line.split(maxsplit=2)
        query = subprocess.run(
            ["dpkg-query", "-W", "-f", "${db:Status-Status} ${Version}", package],
            capture_output=True,
            text=True,
            check=False,
        )
        status, _, version = query.stdout.partition(" ")
        if status == "installed":
            yield Check(name=package, ok=True, found=version)
        elif kind == "run":
            yield Check(name=package, ok=False, found=f"not installed ({purpose})", remedy=f"apt-get install {package}")


def asterisk_check() -> Check:
    """Whether Asterisk starts, and has the security fixes that are known here."""
    launcher = home() / "asterisk" / "asterisk"
    if not launcher.exists():
        return Check(
            name="Asterisk",
            ok=False,
            found="not unpacked",
            remedy="make run unpacks it",
        )
    version = subprocess.run([str(launcher), "-V"], capture_output=True, text=True, check=False).stdout.strip()
    if version and not is_safe(version):
        return Check(
            name="Asterisk",
            ok=False,
            found=f"{version} lacks security fixes of 2026",
            remedy=f"docker/install-asterisk.sh {launcher.parent}, then end and start all parts; or otklik upgrade",
        )
    return Check(
        name="Asterisk",
        ok=bool(version),
        found=version or "does not start",
        remedy=f"remove {launcher.parent}; make run",
    )


def _secrets() -> Check:
    file = secrets_file()
    if not file.exists():
        return Check(name="secrets", ok=False, found="not drawn yet", remedy="make run draws them")
    open_to_others = file.stat().st_mode & 0o077
    return Check(
        name="secrets",
        ok=not open_to_others,
        found=f"{file} {file.stat().st_mode & 0o777:o}",
        remedy=f"chmod 600 {file}",
    )


def _disk() -> Check:
    free = shutil.disk_usage(home() if home().exists() else PROJECT).free
    return Check(
        name="disk",
        ok=free > FREE_BYTES,
        found=f"{free / 1e9:.1f} GB free",
        remedy="free room or move OTKLIK_AUDIO_URL",
    )


def _models() -> Iterator[Check]:
    settings = SpeechSettings()
    for language in ("ru", "en"):
        try:
            yield Check(name=f"hears {language}", ok=True, found=engines.describe(language, settings, live=True))
        except SpeechError as error:
            yield Check(name=f"hears {language}", ok=False, found=type(error).__name__, remedy=str(error))
    for name in (model.name for model, installed in models.list_models(settings.models_dir) if installed):
        try:
            models.verify(settings.models_dir, name)
        except SpeechError as error:
            yield Check(name=f"model {name}", ok=False, found="damaged", remedy=str(error))
        else:
            yield Check(name=f"model {name}", ok=True, found="verified")


def trained_models(models_dir: Path) -> Check:
    """Models that were trained here and are kept: how many of each kind, their size, and when one was used last."""
    kept = list_kept(models_dir)
    if not kept:
        return Check(name="models trained here", ok=True, found="none yet: learned when first needed")
    kinds = ", ".join(f"{kind} {count}" for kind, count in Counter(model.kind for model in kept).items())
    size, used = sum(model.size for model in kept), max(model.used_at for model in kept)
    return Check(name="models trained here", ok=True, found=f"{kinds}; {size / 1e6:.0f} MB, used last {used:%Y-%m-%d}")


def _database() -> Check:
    url = StoreSettings().database_url
    try:
        with connect(url).connect() as connection:
            connection.execute(text("SELECT 1 FROM calls LIMIT 1"))
    except SQLAlchemyError as error:
        reason = str(error.__cause__ or error).splitlines()[0]
        return Check(
            name="database", ok=False, found=reason, remedy="make run creates it; or check OTKLIK_DATABASE_URL"
        )
    return Check(name="database", ok=True, found=url.split("@")[-1])


def business_check() -> Check:
    """Ask for a customer nobody is: the answer shows address, secret and clock to be right."""
    settings = BusinessSettings()
    if not settings.business_url and not home().exists():
        return Check(name="business system", ok=True, found="the demonstration shop; make run creates it")
    remedy = "see OTKLIK_BUSINESS_URL and OTKLIK_BUSINESS_SECRET" if settings.business_url else "see OTKLIK_SHOP_URL"
    try:
        with closing(open_business(settings)) as business:
            checked(PROBE, business.ask(PROBE, {"caller.number": NOBODY}, "en"))
    except BusinessError as error:
        return Check(name="business system", ok=False, found=str(error), remedy=remedy)
    return Check(name="business system", ok=True, found=settings.business_url or "the demonstration shop")


def outbox_check() -> Iterator[Check]:
    """Wishes of callers that wait for the business system, and those nobody will send any more."""
    engine = connect(StoreSettings().database_url)
    try:
        with reading(engine) as db:
            waiting, lost = outbox.count(db, since=datetime.now(UTC) - LATELY)
    except SQLAlchemyError:
        return  # the database's own check has said so
    finally:
        engine.dispose()
    yield Check(
        name="outbox",
        ok=not lost,
        found=f"waiting: {waiting}; refused or given up in the last week: {lost}",
        remedy="look into the table outbox: failure says why, body what was wanted",
    )


def ignored_proxies() -> Iterator[Check]:
    """Who says on whose behalf they ask and is not believed: most likely the proxy in front of the pages."""
    engine = connect(StoreSettings().database_url)
    try:
        with reading(engine) as db:
            lately = (AuditRow.action == "proxy.ignored", AuditRow.at > datetime.now(UTC) - LATELY)
            addresses = db.scalars(select(AuditRow.subject).where(*lately).distinct().limit(8)).all()
    except SQLAlchemyError:
        return  # the database's own check has said so
    finally:
        engine.dispose()
    trusted = WebSettings().trusted_proxies
    left = sorted(address for address in addresses if not is_in(address, trusted))
    yield Check(
        name="proxy",
        ok=not left,
        found=f"X-Forwarded-* from {', '.join(left)} is ignored"
        if left
        else f"trusted: {', '.join(map(str, trusted))}",
        remedy="if it is your proxy, name it in OTKLIK_TRUSTED_PROXIES: all its visitors count as one",
    )


def _running() -> Iterator[Check]:
    answers = {name: answers() for name, answers in ANSWERS.items()}
    for name, up in answers.items():
        yield Check(name=name, ok=up, found="answers" if up else "does not answer", remedy="make run starts it")
    for port in wanted_ports() if secrets_file().exists() else ():
        free = is_free(port)
        yield Check(
            name=f"{port.part} {port.protocol} {port.number}",
            ok=free or answers[HOLDERS.get(port.part, port.part)],
            found="free" if free else f"held by {holder(port)}",
            remedy=complaint(port) if not free else "",
        )
