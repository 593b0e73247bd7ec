"""Writes the folder one Asterisk runs in: configuration, certificate, hold music, room for spool and log.

``python -m docker.asterisk.render RUN [ROOT]`` is what a container starts with; `make run` calls ``render`` itself.
"""

from __future__ import annotations

import argparse
import platform
import subprocess
import sys
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from docker.asterisk.announcements import write_announcements
from docker.asterisk.hold_music import hold_music
from docker.asterisk.settings import ExchangeSettings
from ivr.telephony.beat import MOST_ROBOTS, STALE_SECONDS
from speech.audio.audio import write_wav
from speech.settings import SpeechSettings

FOLDERS = ("etc", "db/keys", "keys", "log", "music", "run", "spool/recording")

EMPTY = (
    "acl",
    "ccss",
    "cel",
    "chan_websocket",
    "codecs",
    "features",
    "pjproject",
    "sorcery",
    "stasis",
    "udptl",
    "websocket_client",
)
"""Files Asterisk looks for and complains about when they are missing; its own defaults serve us."""

CERTIFICATE_DAYS = 825
RENEW_DAYS = 30


class RenderError(Exception):
    """The folder could not be written; ``str()`` says what and why."""


def render(settings: ExchangeSettings, run: Path, root: Path | None = None) -> Path:
    """Write everything below ``run``, readable by the owner alone; what is right already stays.

    Args:
        settings: Addresses, ports and passwords.
        run: Folder of this Asterisk, made when it is not there.
        root: Where an unpacked Asterisk has its ``usr``; None for one installed by the system.

    Returns:
        Path of ``asterisk.conf``, for ``asterisk -C``.

    Raises:
        RenderError: a value cannot stand in a configuration file, or no certificate could be made.
    """
    run = run.absolute()
    for folder in FOLDERS:
        (run / folder).mkdir(parents=True, exist_ok=True, mode=0o700)
    run.chmod(0o700)
    _write_certificate(run / "keys", str(settings.sip_bind))
    _write_music(run / "music" / "hold.wav")
    prefix = "" if root is None else str(root.absolute())
    values: dict[str, object] = {
        name: _plain(name, value)
        for name, value in settings.model_dump(exclude={"trunk_match", "trunk_numbers"}).items()
    }
    values |= {
        "run": _plain("run", run),
        "root": _plain("root", prefix),
        "modules": f"{prefix}/usr/lib/{platform.machine()}-linux-gnu/asterisk/modules",
        "trusted_networks": settings.trusted_networks,
        "claimed_networks": [network for network in settings.trunk_match if network not in settings.trusted_networks],
        "most_robots": MOST_ROBOTS,
        "stale_seconds": f"{STALE_SECONDS:.0f}",
    }
    templates = Environment(  # noqa: S701  # not HTML
        loader=PackageLoader("docker.asterisk", "."), undefined=StrictUndefined, keep_trailing_newline=True
    )
    for name in templates.list_templates(extensions=["j2"]):
        _write_private(run / "etc" / name.removesuffix(".j2"), templates.get_template(name).render(values))
    for name in EMPTY:
        _write_private(run / "etc" / f"{name}.conf", "")
    return run / "etc" / "asterisk.conf"


def _plain(name: str, value: object) -> str:
    """The value as text that means itself in Asterisk's files, where ``;`` opens a comment and a line is a setting."""
    text = str(getattr(value, "get_secret_value", lambda: value)())
    if not text.isprintable() or ";" in text or "\\" in text or text != text.strip():
        raise RenderError(
            f"{name}: no line breaks, semicolons, backslashes or outer spaces can stand in Asterisk's files"
        )
    return text


def _write_private(path: Path, text: str) -> None:
    """Replace the file at once; nobody but the owner may read it at any moment."""
    fresh = path.with_suffix(".fresh")
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=0o600, exist_ok=False)
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)


def _write_certificate(folder: Path, address: str) -> None:
    """A certificate of the installation's own, renewed a month before it ends."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    still_good: list[str | Path] = [
        "openssl",
        "x509",
        "-in",
        certificate,
        "-noout",
        "-checkend",
        str(RENEW_DAYS * 86400),
    ]
    create: list[str | Path] = [
        *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
        *("-days", str(CERTIFICATE_DAYS), "-subj", "/CN=Otklik"),
        *("-addext", f"subjectAltName=DNS:localhost,IP:127.0.0.1,IP:{address}"),
        *("-keyout", key, "-out", certificate),
    ]
    try:
        if key.exists() and subprocess.run(still_good, capture_output=True, check=False).returncode == 0:
            return
        made = subprocess.run(create, capture_output=True, text=True, check=False, umask=0o077)
    except FileNotFoundError as error:
        raise RenderError("no openssl here, which makes the TLS certificate: apt-get install openssl") from error
    if made.returncode != 0:
        raise RenderError(f"openssl made no certificate in {folder}: {made.stderr.strip()}")


def _write_music(path: Path) -> None:
    if not path.exists():
        write_wav(path, hold_music())


def main() -> None:
    parser = argparse.ArgumentParser(description="Write the folder one Asterisk runs in, from OTKLIK_… settings.")
    parser.add_argument("run", type=Path, help="folder to write")
    parser.add_argument("root", type=Path, nargs="?", help="where an unpacked Asterisk has its usr")
    wanted = parser.parse_args()
    try:
        path = render(ExchangeSettings(), wanted.run, wanted.root)
        write_announcements(wanted.run, SpeechSettings())
    except RenderError as error:
        sys.exit(str(error))
    sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main()
