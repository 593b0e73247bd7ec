"""Plans an upgrade; ``docker/upgrade.py``, which outlives code and environment being replaced, carries it out."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn

from api.installation import supervision
from api.installation.doctor import Check, examine
from api.installation.parts import ANSWERS
from api.installation.processes import PROCESSES
from api.installation.units import unit_name
from recordings.settings import StoreSettings
from speech.settings import PROJECT, home

ROOM = 4_000_000_000
"""Bytes for copies of environment and database."""


class NotUpgradable(Exception):
    """No upgrade from here; ``str()`` says why."""


def folder() -> Path:
    """Where an upgrade keeps its plan and what was."""
    return home() / "upgrade"


def begin(*, to: str, now: bool, wait: float) -> NoReturn:
    """Go on with an upgrade that was interrupted, or plan one; this process becomes the one that does it.

    Raises:
        NotUpgradable: this is no checkout, it was changed, or ``to`` is not newer.
    """
    plan = folder() / "plan.json"
    if not plan.exists():
        folder().mkdir(parents=True, exist_ok=True, mode=0o700)
        text = json.dumps(_plan(to, now=now, wait=wait), indent=1)
        shutil.copy(PROJECT / "docker" / "upgrade.py", folder() / "upgrade.py")
        plan.touch(mode=0o600)  # the address of the database holds its password
        plan.write_text(text, encoding="utf-8")
        if os.geteuid() == 0:
            for path in (folder(), *folder().iterdir()):
                os.chown(path, home().stat().st_uid, home().stat().st_gid)
    python = Path(sys.base_prefix) / "bin" / Path(sys.executable).resolve().name
    os.execv(python, [str(python), "-E", str(folder() / "upgrade.py"), str(plan)])  # noqa: S606  # becomes it


def _plan(to: str, *, now: bool, wait: float) -> dict[str, object]:
    present = _git("rev-parse", "HEAD")
    branch = _git("rev-parse", "--abbrev-ref", "HEAD")
    branch = "" if branch == "HEAD" else branch
    if changed := _git("status", "--porcelain", "--untracked-files=no"):
        raise NotUpgradable(f"files of the program were changed here; commit or undo this first:\n{changed}")
    if not to and not branch:
        raise NotUpgradable("no branch is checked out here: say the version with --to")
    if _git("remote"):
        _git("fetch", "--quiet", "--tags")
    wanted = _git("rev-parse", "--verify", "--quiet", f"{to or '@{upstream}'}^{{commit}}")
    if wanted == present:
        raise NotUpgradable(f"{present[:12]} is what is here already")
    if not _is_ancestor(present, wanted):
        raise NotUpgradable(f"{wanted[:12]} does not come after {present[:12]}: an older database cannot be promised")
    if (project := PROJECT / ".venv").is_symlink() or not project.exists():
        raise NotUpgradable(f"{project} is not this installation's own environment")
    if (free := shutil.disk_usage(home()).free) < ROOM:
        raise NotUpgradable(f"{free / 1e9:.1f} GB free; copies of environment and database may need {ROOM / 1e9:.0f}")
    checks = list(examine(parts=False))
    services = _services()
    return {
        "project": str(PROJECT),
        "home": str(home()),
        "from": present,
        "to": wanted,
        "branch": branch,
        "database_url": StoreSettings().database_url,
        "kind": _kind(),
        "failing": _names(checks),
        "answering": [name for name, answers in ANSWERS.items() if answers()],
        "asterisk": "",
        "services": services,
        "user": _owner(services),
        "running": bool(services) or supervision.find() is not None,
        "now": now,
        "wait": wait,
        "step": 0,
        "reason": "",
    }


def _names(checks: Iterable[Check]) -> list[str]:
    return [check.name for check in checks if not check.ok]


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=PROJECT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = done.stderr.strip() or f"`git {' '.join(words)}` knows nothing of that"
        raise NotUpgradable(f"no upgrade from here, {PROJECT}: {said}")
    return done.stdout.strip()


def _is_ancestor(older: str, newer: str) -> bool:
    ask = ["git", "merge-base", "--is-ancestor", older, newer]
    return subprocess.run(ask, cwd=PROJECT, check=False).returncode == 0


def _kind() -> str:
    """Which set-up made the environment: the largest lock whose packages are all here."""
    if (Path(sys.executable).parent / "pytest").exists():
        return "dev"
    return "demo" if any(Path(sys.executable).parents[1].glob("lib/*/site-packages/baresip")) else "run"


def _services() -> list[str]:
    """Units of ours that systemd runs now."""
    names = [unit_name(process) for process in PROCESSES]
    try:
        said = subprocess.run(
            ["systemctl", "is-active", *names], capture_output=True, text=True, check=False
        ).stdout.split()
    except FileNotFoundError:
        return []
    return [name for name, state in zip(names, said, strict=False) if state == "active"]


def _owner(services: list[str]) -> str:
    if not services:
        return ""
    ask = ["systemctl", "show", "--property=User", "--value", services[0]]
    return subprocess.run(ask, capture_output=True, text=True, check=False).stdout.strip()
