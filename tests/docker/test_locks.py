"""What is installed where: the softphone only for those who hold scripted calls, and one version of everything else."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.services import ROOT

pytestmark = pytest.mark.unit


def locked(kind: str) -> dict[str, str]:
    lock = (ROOT / f"requirements{kind}.lock").read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9-]+)==([^\s\\]+)", lock, re.MULTILINE))


def test_production_has_no_softphone_and_the_demonstration_has_nothing_more() -> None:
    run, demo = locked(""), locked("-demo")
    assert not [name for name in run if "baresip" in name]
    assert {name for name in demo if name not in run} == {"baresip-python"}
    assert {name: demo[name] for name in run} == run


def test_tests_run_on_what_production_runs_on() -> None:
    dev = locked("-dev")
    assert {name: dev.get(name) for name in locked("-demo")} == locked("-demo")


def test_who_installs_which_lock() -> None:
    assert "requirements.lock ./" in (ROOT / "docker" / "app.Dockerfile").read_text()
    for target, kind in (("run", "run"), ("demo", "demo")):
        asked = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True, check=True).stdout
        assert f"docker/setup.sh {kind}\n" in asked
    setup = (ROOT / "docker" / "setup.sh").read_text()
    assert re.search(r"^    run\) lock=requirements\.lock ", setup, re.MULTILINE)
    assert re.search(r"^    demo\) lock=requirements-demo\.lock ", setup, re.MULTILINE)
