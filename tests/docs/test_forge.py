"""Workflows, forms, changelog and NOTICE agree with the repository. The workflows themselves run on a forge only."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from docs import notice

pytestmark = pytest.mark.unit

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
FORMS = [form for form in sorted((ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml")) if form.name != "config.yml"]


def _steps(workflow: Path) -> list[dict[str, Any]]:
    body = yaml.safe_load(workflow.read_text(encoding="utf-8"))
    return [step for job in body["jobs"].values() for step in job.get("steps", ())]


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda file: file.stem)
def test_workflows_are_bounded_and_pinned(workflow: Path) -> None:
    body = yaml.safe_load(workflow.read_text(encoding="utf-8"))
    assert body["permissions"] == {"contents": "read"}
    assert all("uses" in job or job["timeout-minutes"] <= 120 for job in body["jobs"].values())
    used = [step["uses"] for step in _steps(workflow) if "uses" in step]
    assert [action for action in used if not re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", action)] == []


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda file: file.stem)
def test_workflows_call_what_there_is(workflow: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for step in _steps(workflow):
        assert set(re.findall(r"^make (\w+)", step.get("run", ""), re.MULTILINE)) <= targets
        assert all((ROOT / script).exists() for script in re.findall(r"^\.ci/\w+", step.get("run", ""), re.MULTILINE))


def test_a_bug_asks_for_the_doctor() -> None:
    bug = next(yaml.safe_load(form.read_text(encoding="utf-8")) for form in FORMS if form.stem == "bug")
    asked = next(field for field in bug["body"] if field.get("id") == "doctor")
    assert "otklik doctor" in asked["attributes"]["label"]
    assert asked["validations"]["required"]


@pytest.mark.parametrize("form", FORMS, ids=lambda file: file.stem)
def test_forms_are_complete(form: Path) -> None:
    body = yaml.safe_load(form.read_text(encoding="utf-8"))
    assert {"name", "description", "body"} <= body.keys()
    fields = [field for field in body["body"] if field["type"] != "markdown"]
    assert len({field["id"] for field in fields}) == len(fields)
    assert all(field["attributes"]["label"] for field in fields)


def test_the_changelog_has_this_version() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert f"\n## [{version}] - " in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_notice_names_every_locked_package() -> None:
    text = (ROOT / "NOTICE").read_text(encoding="utf-8")
    written = (ROOT / "docs/notice.txt").read_text(encoding="utf-8")
    listed = re.findall(r"^([a-z0-9-]+) +(\S+) +(\S.*)$", text.partition(notice.HEAD)[2], re.MULTILINE)
    assert text.startswith(written)
    assert {name: version for name, version, _ in listed} == notice.locked(), "run `python -m docs.notice`"
    assert all(licence for _, _, licence in listed)
    assert "GPL-3.0-or-later" in written
    assert "libx264" in written


def test_every_model_of_the_catalogue_is_in_notice() -> None:
    catalogue = tomllib.loads((ROOT / "speech/models/models.toml").read_text(encoding="utf-8"))["model"]
    text = (ROOT / "NOTICE").read_text(encoding="utf-8")
    missing = [model["name"] for model in catalogue if not _is_named(model["name"], text)]
    assert missing == []


def _is_named(model: str, text: str) -> bool:
    """By its own name, or by its family's where the family has one licence."""
    family = (
        "Vosk models (ru, en)" if re.match(r"vosk-model-(small-)?(ru|en)", model) else model.replace("-base", " base")
    )
    return family in text
