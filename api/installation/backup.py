"""What of an installation's home goes into a backup beside rows and sound, and where it belongs afterwards."""

from __future__ import annotations

from pathlib import Path

from api.installation.drawn_secrets import draw_secrets, read_secrets, secrets_file
from api.installation.parts import wanted_ports
from api.installation.ports import complaint, is_free
from ivr.settings import RobotSettings
from recordings.backup.backup import FILES, restore_files
from speech.models import models
from speech.settings import PROJECT, SpeechSettings, home

SECRETS = "otklik.env"
HOME = (SECRETS, "retention.yaml", "recorded", "unwritten", "asterisk-run/spool/recording")
"""What of the home goes along, as far as it is there: settings, prompts recorded by people, notes and sound of calls
that wait for database or store. Models are fetched again, prompts rendered again, logs are not kept."""
OF_THE_ROWS = ("OTKLIK_ERASURE_SECRET", "OTKLIK_ALERT_SECRET")
"""Secrets that belong to the rows: receipts and signatures are checked with them."""


def files_to_keep() -> dict[str, Path]:
    """Path in the backup → file or folder."""
    return {name: home() / name for name in HOME} | _own_scenarios()


def models_to_name() -> dict[str, str]:
    """Installed model → where it came from."""
    folder = SpeechSettings().models_dir
    return {model.name: installed.source for model, installed in models.list_models(folder) if installed}


def take_files(folder: Path) -> None:
    """Put the files of a backup where they lay; what is there stays, but for the secrets that belong to the rows."""
    home().mkdir(parents=True, exist_ok=True, mode=0o700)
    _take_secrets(folder / FILES / SECRETS)
    for place in HOME:
        restore_files(folder, place, home() / place)
    if secrets_file().exists():
        secrets_file().chmod(0o600)
    for place, target in _own_scenarios().items():
        restore_files(folder, place, target)


def running_parts() -> list[str]:
    """What holds the ports of this installation; nothing runs from a home that has no secrets yet."""
    if not secrets_file().exists():
        return []
    draw_secrets()  # those it lacks: ports are told by settings that want them all
    return [complaint(port) for port in wanted_ports() if not is_free(port)]


def _own_scenarios() -> dict[str, Path]:
    """Folders of scenarios outside the program, by their number in the setting."""
    folders = [folder for folder in RobotSettings().scenario_folders if not folder.is_relative_to(PROJECT)]
    return {f"scenarios/{number}": folder for number, folder in enumerate(folders)}


def _take_secrets(kept: Path) -> None:
    """Into an ``otklik.env`` that is there, only the secrets that belong to the rows."""
    if not kept.is_file() or not secrets_file().exists():
        return
    theirs = dict(line.split("=", 1) for line in kept.read_text("utf-8").splitlines() if line.startswith(OF_THE_ROWS))
    ours = read_secrets()
    if all(ours.get(name) == value for name, value in theirs.items()):
        return
    lines = [line for line in secrets_file().read_text("utf-8").splitlines() if not line.startswith(tuple(theirs))]
    secrets_file().write_text(
        "\n".join([*lines, *(f"{name}={value}" for name, value in theirs.items())]) + "\n", "utf-8"
    )
