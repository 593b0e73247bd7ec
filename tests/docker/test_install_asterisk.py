"""Unpacking Asterisk when the network does not play along; `make test` itself has unpacked the one from the mirror."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from speech.settings import home
from tests.services import ROOT, free_port

pytestmark = pytest.mark.asterisk


def install(prefix: Path, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    """Run the script on a machine whose only mirror does not answer."""
    apt = tmp_path / "apt.conf"
    apt.write_text(
        'Dir::Etc::main "/dev/null";\nDir::Etc::parts "/dev/null";\nAcquire::Retries "0";\n'
        'Dir::Etc::sourcelist "/dev/null";\nDir::Etc::sourceparts "/dev/null";\n'
    )
    environment = {
        **os.environ,
        "APT_CONFIG": str(apt),
        "OTKLIK_DEBIAN_MIRROR": f"http://127.0.0.1:{free_port()}/debian",
        "OTKLIK_DEBIAN_SUITES": "forky",
    }
    command = [ROOT / "docker" / "install-asterisk.sh", prefix]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=100)


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
