"""compose.yaml against the rest of the project, as no container engine is at hand to run it."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from api.installation.answers import CHECKS
from api.installation.drawn_secrets import GENERATED
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
    assert len(names) == len(set(names))
    assert {*GENERATED, "OTKLIK_POSTGRES_PASSWORD"} == set(names)
    text = (ROOT / "docker" / "compose.yaml").read_text(encoding="utf-8")
    used = set(re.findall(r"\$\{(OTKLIK_\w+)", text))
    assert used <= set(names)
    assert all("${" in value for value in re.findall(r"\w*PASSWORD\w*: (.*?)[,}]", text))


def test_every_container_is_bounded_and_looked_after(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert service["logging"]["options"].keys() == {"max-size", "max-file"}, name
        assert service["mem_limit"], name
        if name != "prepare":
            assert service["restart"] == "unless-stopped", name
        if name not in {"prepare", "beat", "watchdog"}:  # clock and watchdog listen nowhere
            assert service["healthcheck"]["retries"], name
    for process in PROCESSES:
        service = compose["services"][process.name]
        assert service["mem_limit"].upper() == process.memory, process.name
        test = service.get("healthcheck", {}).get("test", [])
        if "api.installation.answers" in test:
            assert test[-1] == process.name
            assert test[-1] in CHECKS or process.command[0] == "celery"


def test_images_without_a_digest_are_complained_of_and_pinned(tmp_path: Path) -> None:
    for file in ("compose.yaml", "app.Dockerfile", "asterisk.Dockerfile", "pin-images.sh"):
        shutil.copy(ROOT / "docker" / file, tmp_path / file)
    digest = f"sha256:{'a1' * 32}"
    registry = tmp_path / "docker"  # what stands for the registry's answer; the rest of the script is as it is
    registry.write_text(f"#!/bin/sh\necho {digest}\n")
    registry.chmod(0o755)
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    script = tmp_path / "pin-images.sh"
    for path in tmp_path.iterdir():  # as before anybody pinned
        if path.suffix in {".yaml", ".Dockerfile"}:
            path.write_text(re.sub(r"@sha256:[0-9a-f]{64}", "", path.read_text()))
    complained = subprocess.run([script, "--check"], env=environment, capture_output=True, text=True, check=False)
    assert complained.returncode == 1
    assert {"postgres:17", "redis:7", "node:24-slim"} <= set(complained.stderr.split())
    for _ in range(2):  # again takes up newer ones
        subprocess.run([script], env=environment, check=True, stdout=subprocess.DEVNULL)
        assert subprocess.run([script, "--check"], env=environment, check=False).returncode == 0
    assert f"image: postgres:17@{digest}\n" in (tmp_path / "compose.yaml").read_text()
    assert f"FROM node:24-slim@{digest} AS scripts\n" in (tmp_path / "app.Dockerfile").read_text()
    assert "image: otklik/app\n" in (tmp_path / "compose.yaml").read_text()
