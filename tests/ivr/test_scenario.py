"""Scenario files: the ones we ship are sound, and each kind of fault is found with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.errors import ScenarioError
from ivr.scenario import check, load

pytestmark = pytest.mark.unit

SHIPPED = sorted((Path(__file__).parents[2] / "ivr" / "scenarios").glob("*.yaml"))

SOUND = """\
name: survey
language: en
extension: "3000"
start: ask
fallback: bye
nodes:
  ask:
    say: Are you well?
    listen: {yes_no: true}
    go: {"yes": bye, "no": bye}
  bye:
    say: Goodbye.
    hang_up: true
"""


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_shipped_scenarios_are_sound(path: Path) -> None:
    assert check(path) == []
    assert load(path).extension


def test_a_sound_scenario_has_a_version_of_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "survey.yaml"
    path.write_text(SOUND)
    first = load(path).version
    path.write_text(SOUND.replace("well", "fine"))
    assert len(first) == 12
    assert load(path).version != first


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ('"yes": bye', '"yes": nowhere', 10, "no node 'nowhere'"),
        ("start: ask", "start: begin", 4, "no node 'begin'"),
        ("fallback: bye", "fallback: person", 5, "no node 'person'"),
        (', "no": bye', "", 7, "does not say where 'no' goes"),
        ('"no": bye', '"no": bye, maybe: bye', 10, "'maybe' can never happen"),
        ("    say: Are you well?\n", "", 7, "asks nothing"),
        ("yes_no: true", "timeout: 3", 9, "waits for nothing"),
        ("hang_up: true", "go: {next: ask}", 7, "dead end"),
        (
            "    say: Goodbye.",
            "    say: Goodbye, {customer.name}.",
            12,
            "nothing in this scenario fills {customer.name}",
        ),
        ("    say: Goodbye.", "    say: Goodbye, {name.", 12, "brace"),
        ("    say: Goodbye.", "    say: Bye {caller.number:loud}.", 12, "unknown format 'loud'"),
        ("  bye:", "  spare: {say: Spare., hang_up: true}\n  bye:", 11, "no answer leads to 'spare'"),
        ("hang_up: true", "hang_up: true\n    callback: true", 11, "one thing"),
        ("hang_up: true", "do: weather.tell\n    go: {failed: bye}", 13, "unknown request"),
        (
            "hang_up: true",
            "do: orders.status\n    go: {found: bye, missing: bye, failed: bye}",
            13,
            "needs order.number",
        ),
        ("language: en", "language: english", 2, "language"),
        ("say: Goodbye.", "shout: Goodbye.", 12, "shout"),
        ("name: survey", "name: [survey", 2, "not YAML"),
    ],
)
def test_a_fault_is_found_where_it_is(tmp_path: Path, old: str, new: str, line: int, words: str) -> None:
    assert old in SOUND
    path = tmp_path / "survey.yaml"
    path.write_text(SOUND.replace(old, new, 1))
    problems = [problem for problem in check(path) if words in problem.text]
    assert problems, f"not found among {[str(problem) for problem in check(path)]}"
    assert problems[0].line == line
    assert str(problems[0]).startswith(f"{path}:{line}: ")
    with pytest.raises(ScenarioError, match=r"survey\.yaml"):
        load(path)


def test_a_node_that_leads_to_itself_is_a_loop(tmp_path: Path) -> None:
    path = tmp_path / "survey.yaml"
    path.write_text(SOUND.replace('"yes": bye', '"yes": thanks') + "  thanks: {say: Thanks., go: {next: thanks}}\n")
    assert any("a loop" in problem.text for problem in check(path))


def test_giving_up_must_not_lead_back_to_what_was_given_up(tmp_path: Path) -> None:
    path = tmp_path / "survey.yaml"
    path.write_text(SOUND.replace("fallback: bye", "fallback: ask"))
    assert any("a loop: 'ask'" in problem.text for problem in check(path))


def test_a_fact_that_only_some_ways_bring_needs_brackets(tmp_path: Path) -> None:
    path = tmp_path / "survey.yaml"
    number = SOUND.replace("{yes_no: true}", "{yes_no: true, number: {slot: order.number, length: [4, 6]}}")
    number = number.replace('"yes": bye', '"yes": bye, number: bye')
    path.write_text(number.replace("Goodbye.", "Goodbye, {order.number}."))
    assert ["may be unknown" in problem.text for problem in check(path)] == [True]
    path.write_text(number.replace("Goodbye.", "Goodbye[, {order.number}]."))
    assert check(path) == []


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert "cannot be read" in check(tmp_path / "none.yaml")[0].text
