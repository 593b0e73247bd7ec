"""compose.yaml against the rest of the project, as no container engine is at hand to run it."""

from __future__ import annotations

import importlib.util
import re
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from api.installation.processes import PROCESSES
from tests.services import ROOT

pytestmark = pytest.mark.unit


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docker" / "compose.yaml").read_text(encoding="utf-8"))
    return loaded


def test_containers_run_what_up_runs(compose: dict[str, Any]) -> None:
    for process in PROCESSES:
        if process.name in {"redis", "asterisk"}:
            continue
        words = [word.replace("{home}", "/var/lib/otklik") for word in process.command]
        assert compose["services"][process.name]["command"] == words
        if words[:2] == ["python", "-m"]:
            assert importlib.util.find_spec(words[2])


def test_every_part_has_a_container(compose: dict[str, Any]) -> None:
    assert set(compose["services"]) == {process.name for process in PROCESSES} | {"postgres", "prepare"}


def test_every_build_file_and_copied_path_exists(compose: dict[str, Any]) -> None:
    files = {service["build"]["dockerfile"] for service in compose["services"].values() if "build" in service}
    assert len(files) == 2
    for file in files:
        text = (ROOT / file).read_text(encoding="utf-8")
        for source in re.findall(r"^COPY (?!--from)(\S+) ", text, re.MULTILINE):
            assert (ROOT / source).exists(), f"{file}: {source}"


def test_nothing_is_reached_from_outside_but_telephony(compose: dict[str, Any]) -> None:
    published = [port for service in compose["services"].values() for port in service.get("ports", [])]
    assert published
    assert all(port.startswith("127.0.0.1:") for port in published)


def test_passwords_are_drawn_once_and_never_stand_in_the_file(compose: dict[str, Any], tmp_path: Path) -> None:
    script = tmp_path / "draw-secrets.sh"
    script.write_bytes((ROOT / "docker" / "draw-secrets.sh").read_bytes())
    script.chmod(0o700)
    for _ in range(2):
        subprocess.run([script], check=True, stdout=subprocess.DEVNULL)
    drawn = tmp_path / ".env"
    assert stat.S_IMODE(drawn.stat().st_mode) == 0o600
    names = [line.split("=")[0] for line in drawn.read_text().splitlines()]
    assert len(names) == len(set(names)) == 5
    text = (ROOT / "docker" / "compose.yaml").read_text(encoding="utf-8")
    used = set(re.findall(r"\$\{(OTKLIK_\w+)", text))
    assert used <= set(names)
    assert all("${" in value for value in re.findall(r"\w*PASSWORD\w*: (.*?)[,}]", text))
