"""Unpacking Asterisk when the network does not play along; `make test` itself has unpacked the one from the mirror."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from speech.settings import home
from tests.services import ROOT, free_port

pytestmark = pytest.mark.asterisk


def install(prefix: Path, tmp_path: Path, *, mirror: str = "") -> subprocess.CompletedProcess[str]:
    """Run the script on a machine whose only mirror is ``mirror``, or one that does not answer."""
    apt = tmp_path / "apt.conf"
    apt.write_text(
        'Dir::Etc::main "/dev/null";\nDir::Etc::parts "/dev/null";\nAcquire::Retries "0";\n'
        'Dir::Etc::sourcelist "/dev/null";\nDir::Etc::sourceparts "/dev/null";\n'
    )
    environment = {
        **os.environ,
        "APT_CONFIG": str(apt),
        "OTKLIK_DEBIAN_MIRROR": mirror or f"http://127.0.0.1:{free_port()}/debian",
        "OTKLIK_DEBIAN_KEYRING": str(tmp_path / "keyring.gpg"),
        "OTKLIK_DEBIAN_SUITES": "forky",
    }
    command = [ROOT / "docker" / "install-asterisk.sh", prefix]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=100)


@pytest.fixture
def signed_mirror(tmp_path: Path) -> Callable[[str, datetime], str]:
    """Makes a mirror with one version of Asterisk and an index of one date, signed by a key the script is told of."""
    keys = {**os.environ, "GNUPGHOME": str(tmp_path / "keys")}
    (tmp_path / "keys").mkdir(mode=0o700)
    gpg: list[str | Path] = ["gpg", "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", ""]
    subprocess.run([*gpg, "--quick-generate-key", "mirror", "ed25519", "sign"], env=keys, check=True)
    subprocess.run([*gpg, "--output", tmp_path / "keyring.gpg", "--export"], env=keys, check=True)
    subprocess.run(["gpgconf", "--kill", "all"], env=keys, check=True)
    architecture = subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True, check=True)

    def make(version: str, date: datetime) -> str:
        suite = tmp_path / "mirror" / "dists" / "forky"
        folder = suite / "main" / f"binary-{architecture.stdout.strip()}"
        folder.mkdir(parents=True)
        packages = "".join(
            f"Package: {name}\nVersion: {version}\nArchitecture: all\nFilename: pool/{name}.deb\nSize: 1\n"
            f"SHA256: {hashlib.sha256(b'x').hexdigest()}\n\n"
            for name in ("asterisk", "asterisk-core-sounds-en-gsm", "asterisk-core-sounds-ru-gsm")
        ).encode()
        (folder / "Packages").write_bytes(packages)
        (tmp_path / "Release").write_text(
            f"Origin: Debian\nCodename: forky\nArchitectures: {architecture.stdout.strip()}\nComponents: main\n"
            f"Date: {date:%a, %d %b %Y %H:%M:%S} UTC\nSHA256:\n"
            f" {hashlib.sha256(packages).hexdigest()} {len(packages)} main/{folder.name}/Packages\n"
        )
        sign: list[str | Path] = [*gpg, "--clearsign", "--output", suite / "InRelease", tmp_path / "Release"]
        subprocess.run(sign, env=keys, check=True)
        subprocess.run(["gpgconf", "--kill", "all"], env=keys, check=True)
        return f"file:{tmp_path / 'mirror'}"

    return make


def test_unreachable_mirror_is_named_and_nothing_half_made_stays(tmp_path: Path) -> None:
    ended = install(tmp_path / "prefix", tmp_path)
    assert ended.returncode == 1
    assert "no mirror could be used" in ended.stderr
    assert "127.0.0.1" in ended.stderr.split("Tried", 1)[1]
    assert sorted(path.name for path in (tmp_path / "prefix").iterdir()) == ["debs"]


def test_packages_of_an_earlier_run_serve_without_a_network(tmp_path: Path) -> None:
    prefix = tmp_path / "prefix"
    prefix.mkdir()
    (prefix / "debs").mkdir()
    kept = home() / "asterisk" / "debs"
    for file in kept.iterdir():
        if file.is_file():
            (prefix / "debs" / file.name).symlink_to(file.resolve())
    ended = install(prefix, tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert "an earlier run" in ended.stderr
    said = subprocess.run([prefix / "asterisk", "-V"], capture_output=True, text=True, check=True).stdout
    assert said.startswith("Asterisk 22.")
    assert (prefix / "version").read_text() == said


def test_a_damaged_package_is_never_unpacked(tmp_path: Path) -> None:
    prefix = tmp_path / "prefix"
    (prefix / "debs").mkdir(parents=True)
    (prefix / "debs" / "asterisk.deb").write_bytes(b"cut short")
    (prefix / "debs" / "SHA256SUMS").write_text(f"{'0' * 64}  asterisk.deb\n")
    ended = install(prefix, tmp_path)
    assert ended.returncode == 1
    assert "asterisk.deb" in ended.stderr
    assert not (prefix / "asterisk").exists()


def test_an_older_installation_gets_a_folder_for_each_version_and_the_one_before_can_be_taken_back(
    tmp_path: Path,
) -> None:
    prefix = tmp_path / "prefix"
    (prefix / "root" / "usr").mkdir(parents=True)
    (prefix / "debs").mkdir()
    for file in (home() / "asterisk" / "debs").iterdir():
        if file.is_file():
            (prefix / "debs" / file.name).symlink_to(file.resolve())
    (prefix / "version").write_text("Asterisk 22.10.1+of-before\n")
    (prefix / "asterisk").write_text(f"#!/bin/sh\necho {prefix}/root/lib\n")
    (prefix / "asterisk").chmod(0o755)
    ended = install(prefix, tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert "is the newest there" in ended.stderr
    (version,) = (prefix / "versions").iterdir()
    assert (prefix / "root").resolve() == version / "root"
    said = subprocess.run([prefix / "asterisk"], capture_output=True, text=True, check=True).stdout
    assert said == f"{version}/root/lib\n"

    newer = prefix / "versions" / "newer"
    newer.mkdir()
    (newer / "before").write_text(f"{version.name}\n")
    (prefix / "current").unlink()
    (prefix / "current").symlink_to("versions/newer")
    back: list[str | Path] = [ROOT / "docker" / "install-asterisk.sh", prefix, "--back"]
    assert subprocess.run(back, capture_output=True, check=False).returncode == 0
    assert (prefix / "root").resolve() == version / "root"
    assert subprocess.run(back, capture_output=True, check=False).returncode == 1  # nothing before that


@pytest.mark.parametrize(
    ("version", "days", "reason"),
    [
        ("1:22.10.1-1", 100, "older than 90 days: refused"),
        ("1:22.9.0-1", 1, "lacks security fixes of 2026"),
    ],
)
def test_an_old_index_and_an_unsafe_version_are_refused(
    tmp_path: Path, signed_mirror: Callable[[str, datetime], str], version: str, days: int, reason: str
) -> None:
    mirror = signed_mirror(version, datetime.now(UTC) - timedelta(days=days))
    ended = install(tmp_path / "prefix", tmp_path, mirror=mirror)
    assert ended.returncode == 1
    assert reason in ended.stderr
    assert not (tmp_path / "prefix" / "current").exists()
