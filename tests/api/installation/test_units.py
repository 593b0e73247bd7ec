"""The services of systemd: read by systemd itself, with the order in which Asterisk outlives the others."""

from __future__ import annotations

import shutil
import subprocess
from configparser import RawConfigParser
from pathlib import Path

import pytest

from api.installation.processes import PROCESSES
from api.installation.services import ServiceError, install, place_of
from api.installation.units import JOURNAL, PREPARE, TARGET, Place, render_units, unit_name

pytestmark = pytest.mark.unit

NAMES = [unit_name(process) for process in PROCESSES]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(project=tmp_path, home=tmp_path / "the home, 100 %h", user="games", memory={"robot": "9G"})


def parsed(text: str) -> RawConfigParser:
    reader = RawConfigParser(strict=False, interpolation=None)
    reader.optionxform = str  # type: ignore[assignment, method-assign]
    reader.read_string(text)
    return reader


@pytest.mark.parametrize("version", [252, 254])
def test_systemd_reads_them(place: Place, tmp_path: Path, version: int) -> None:
    if not shutil.which("systemd-analyze"):
        pytest.skip("no systemd here")
    units = render_units(PROCESSES, place, version=version)
    for name, text in units.items():
        (tmp_path / name).write_text(text)
    files = [tmp_path / name for name in units if name != JOURNAL]
    done = subprocess.run(["systemd-analyze", "verify", *files], capture_output=True, text=True, check=False)
    unknown = [line for line in done.stderr.splitlines() if "RestartSteps" in line or "RestartMaxDelay" in line]
    rest = [line for line in done.stderr.splitlines() if line not in unknown and "the home, 100" in line]
    assert done.returncode == 0, done.stderr
    assert not rest
    assert not (version < 254 and unknown)


def test_asterisk_starts_first_ends_last_and_nothing_takes_it_along(place: Place) -> None:
    units = {name: parsed(text) for name, text in render_units(PROCESSES, place, version=254).items()}
    for name in NAMES:
        unit, service = units[name]["Unit"], units[name]["Service"]
        assert not {"Requires", "BindsTo", "Requisite", "Conflicts"} & set(unit)
        assert unit["PartOf"] == TARGET
        assert PREPARE in unit["After"].split()
        assert (unit["StartLimitIntervalSec"], service["Restart"]) == ("0", "always")
        assert "RestartMaxDelaySec" in service
        if name != "otklik-asterisk.service":
            assert "otklik-asterisk.service" in unit["After"].split()
    assert not set(NAMES) & set(units["otklik-asterisk.service"]["Unit"]["After"].split())
    assert set(NAMES) < set(units[TARGET]["Unit"]["Wants"].split())


def test_every_part_is_fenced_in(place: Place) -> None:
    units = {name: parsed(text) for name, text in render_units(PROCESSES, place, version=252).items()}
    for process in PROCESSES:
        service = units[unit_name(process)]["Service"]
        assert service["ProtectSystem"] == "strict"
        assert service["NoNewPrivileges"] == "yes"
        assert service["User"] == "games"
        assert service["ReadWritePaths"] == f'"-{place.home}"'.replace("%", "%%")
        assert service["MemoryMax"] == ("9G" if process.name == "robot" else process.memory)
        assert service["TimeoutStopSec"] == f"{process.stop_seconds:.0f}"
        assert "RestartMaxDelaySec" not in service
    assert int(units["otklik-asterisk.service"]["Service"]["OOMScoreAdjust"]) < 0  # workers go before calls do


def test_where_they_cannot_be_written_it_is_said(place: Place, tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match="sudo"):
        list(install(render_units(PROCESSES, place, version=252), tmp_path / "missing"))
    with pytest.raises(ServiceError, match="adduser"):
        place_of("nobody-has-this-name")
