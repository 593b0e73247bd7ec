"""Puts the units of an installation where systemd finds them."""

from __future__ import annotations

import os
import pwd
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from api.installation.parts import starts_redis
from api.installation.processes import PROCESSES
from api.installation.settings import InstallationSettings
from api.installation.units import JOURNAL, TARGET, Place, render_units, systemd_version, unit_name
from recordings.settings import StoreSettings
from speech.settings import PROJECT, SpeechSettings, home

NOT_SETTINGS = {"OTKLIK_HOME"}
SYSTEM = Path("/etc/systemd/system")


class ServiceError(Exception):
    """Services cannot be installed so; ``str()`` says why."""


def place_of(user: str) -> Place:
    """This installation, run by ``user``, or by whoever owns it.

    Raises:
        ServiceError: there is no such user.
    """
    try:
        name = pwd.getpwnam(user).pw_name if user else pwd.getpwuid(home().stat().st_uid).pw_name
    except (KeyError, FileNotFoundError) as error:
        raise ServiceError(
            f"there is no user {user}: adduser --system --group {user}" if user else f"there is no {home()}: make run"
        ) from error
    speech, audio = SpeechSettings(), StoreSettings().audio_url
    folders = [speech.models_dir, speech.prompts_dir, StoreSettings().backup_dir]
    if audio.startswith("file://"):
        folders.append(Path(audio.removeprefix("file://")))
    outside = tuple(folder for folder in folders if not folder.is_relative_to(home()))
    return Place(project=PROJECT, home=home(), user=name, writes=outside, memory=InstallationSettings().memory_max)


def wanted_units(place: Place, folder: Path) -> dict[str, str]:
    """Name of each file → its text; the queue only where it is not served from elsewhere."""
    known = next(process for process in PROCESSES if process.name == "redis")
    redis = starts_redis() or (folder / unit_name(known)).exists()
    parts = [process for process in PROCESSES if process.name != "redis" or redis]
    return render_units(parts, place, version=systemd_version())


def install(units: Mapping[str, str], folder: Path) -> Iterator[str]:
    """Write them and have systemd read them; yields what was done and what is left to do.

    Raises:
        ServiceError: the folder cannot be written to.
    """
    try:
        for name, text in units.items():
            path = folder.parent / name if name == JOURNAL and folder == SYSTEM else folder / name
            path.write_text(text, encoding="utf-8")
            yield f"{path}"
    except OSError as error:
        raise ServiceError(f"{error.filename}: {error.strerror}; units are written by root: sudo") from error
    if unseen := sorted(name for name in os.environ if name.startswith("OTKLIK_") and name not in NOT_SETTINGS):
        yield f"{', '.join(unseen)}: set here only; the services read {home() / 'otklik.env'}"
    if folder == SYSTEM and Path("/run/systemd/system").exists():
        subprocess.run(["systemctl", "daemon-reload"], check=False)
        subprocess.run(["systemctl", "enable", TARGET], check=False)
    else:
        yield f"then: systemctl daemon-reload && systemctl enable {TARGET}"
    yield f"start: systemctl start {TARGET}; look: journalctl --namespace=otklik --follow"
