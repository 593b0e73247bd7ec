"""The secrets of an installation: drawn once, kept in ``otklik.env`` and nowhere else."""

from __future__ import annotations

import secrets
from pathlib import Path

from speech.settings import home

GENERATED = (
    "OTKLIK_ARI_PASSWORD",
    "OTKLIK_PHONE_PASSWORD",
    "OTKLIK_AGENT_PASSWORD",
    "OTKLIK_REDIS_PASSWORD",
    "OTKLIK_ERASURE_SECRET",
    "OTKLIK_ALERT_SECRET",
    "OTKLIK_LOGIN_SECRET",
)
"""Drawn once an installation; they stand in ``otklik.env`` and nowhere else."""

REDIS_URL = "redis://:{password}@127.0.0.1:6390/0"
"""Not Redis' own port 6379: the installation's queue stays apart from one the machine may already have."""


def secrets_file() -> Path:
    return home() / "otklik.env"


def read_secrets() -> dict[str, str]:
    """Settings of ``otklik.env``; empty before the first start."""
    if not secrets_file().exists():
        return {}
    lines = secrets_file().read_text(encoding="utf-8").splitlines()
    pairs = (line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    return {name.strip(): value.strip() for name, value in pairs}


def draw_secrets() -> None:
    """Add to ``otklik.env`` the secrets it lacks; what stands there is kept."""
    home().mkdir(parents=True, exist_ok=True, mode=0o700)
    known = read_secrets()
    fresh = {name: secrets.token_urlsafe(18) for name in GENERATED if name not in known}
    if "OTKLIK_REDIS_URL" not in known:
        fresh["OTKLIK_REDIS_URL"] = REDIS_URL.format(password=(known | fresh)["OTKLIK_REDIS_PASSWORD"])
    if not fresh:
        return
    secrets_file().touch(mode=0o600)
    with secrets_file().open("a", encoding="utf-8") as file:
        file.writelines(f"{name}={value}\n" for name, value in fresh.items())
