"""Scenario files: the ones we ship are sound, and each kind of fault is found with its file and line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ivr.errors import ScenarioError
from ivr.scenario.file import JobFile, ScenarioFile, schema
from ivr.scenario.scenario import check, load

pytestmark = pytest.mark.unit

SCENARIOS = Path(__file__).parents[3] / "ivr" / "scenarios"
SHIPPED = sorted(SCENARIOS.glob("*.yaml"))
DESK = (Path(__file__).parents[1] / "written" / "desk.yaml").read_text("utf-8")

SOUND = """\
name: survey
language: en
extension: "3000"
start: ask
fallback: bye
nodes:
  ask:
    say: Are you well?
    again: Well, or not?
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


@pytest.mark.parametrize(("name", "shape"), [("scenario", ScenarioFile), ("job", JobFile)])
def test_the_published_schemas_are_what_the_code_says(name: str, shape: type[ScenarioFile | JobFile]) -> None:
    published = json.loads((SCENARIOS / f"{name}.schema.json").read_text("utf-8"))
    assert published == json.loads(json.dumps(schema(shape))), "run: otklik scenario schema"
    assert "Node that begins the job" in json.dumps(published)  # what an editor shows


def test_every_file_names_its_schema() -> None:
    for path in [*SHIPPED, *(SCENARIOS / "jobs").glob("*.yaml")]:
        first = path.read_text("utf-8").splitlines()[0]
        name = first.removeprefix("# yaml-language-server: $schema=")
        assert (path.parent / name).is_file(), path


def test_a_sound_scenario_has_a_version_of_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "survey.yaml"
    path.write_text(SOUND)
    first = load(path).version
    path.write_text(SOUND.replace("well?", "fine?"))
    assert len(first) == 12
    assert load(path).version != first


def found(tmp_path: Path, text: str, words: str) -> tuple[int, str]:
    """Line and text of the first problem with these words."""
    path = tmp_path / "survey.yaml"
    path.write_text(text, encoding="utf-8")
    problems = [problem for problem in check(path) if words in problem.text]
    assert problems, f"not found among {[str(problem) for problem in check(path)]}"
    assert str(problems[0]).startswith(f"{path}:{problems[0].line}: ")
    with pytest.raises(ScenarioError, match=r"survey\.yaml"):
        load(path)
    return problems[0].line, problems[0].text


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ('"yes": bye', '"yes": nowhere', 11, "no node 'nowhere'"),
        ("start: ask", "start: begin", 4, "no node 'begin'"),
        ("fallback: bye", "fallback: person", 5, "no node 'person'"),
        (', "no": bye', "", 7, "does not say where 'no' goes"),
        ('"no": bye', '"no": bye, maybe: bye', 11, "'maybe' can never happen"),
        ("    say: Are you well?\n", "", 7, "asks nothing"),
        ("    again: Well, or not?\n", "", 7, "no 'again'"),
        ("again: Well, or not?", "again: Are you well?", 9, "in the same words"),
        ("yes_no: true", "timeout: 3", 10, "waits for nothing"),
        ("hang_up: true", "go: {next: ask}", 7, "dead end"),
        (
            "    say: Goodbye.",
            "    say: Goodbye, {customer.name}.",
            13,
            "nothing in this scenario fills {customer.name}",
        ),
        ("    say: Goodbye.", "    say: Goodbye, {name.", 13, "brace"),
        ("    say: Goodbye.", "    say: Bye {caller.number:loud}.", 13, "unknown format 'loud'"),
        ("    say: Goodbye.", "    say: Bye {choice.list}.", 13, "for a choice only"),
        ("  bye:", "  spare: {say: Spare., hang_up: true}\n  bye:", 12, "no answer leads to 'spare'"),
        ("hang_up: true", "hang_up: true\n    callback: true", 12, "one thing"),
        ("hang_up: true", "do: weather.tell\n    go: {failed: bye}", 14, "unknown request"),
        (
            "hang_up: true",
            "do: orders.status\n    go: {found: bye, missing: bye, failed: bye}",
            14,
            "needs order.number",
        ),
        (
            "hang_up: true",
            "do: tickets.create\n    go: {created: bye, failed: bye}",
            12,
            "does not say where 'stored' goes",
        ),
        ("language: en", "language: english", 2, "language"),
        ("language: en", "language: xx", 2, "not known"),
        ("say: Goodbye.", "shout: Goodbye.", 13, "shout"),
        ("name: survey", "name: [survey", 2, "not YAML"),
        ("{yes_no: true}", "{yes_no: true, slot: {fill: a.day, kind: day}}", 10, "kind"),
        ("{yes_no: true}", "{yes_no: true, slot: {fill: a.day}}", 10, "has a kind, or choices"),
        ("{yes_no: true}", "{yes_no: true, slot: {fill: a.day, kind: date, length: [4, 6]}}", 10, "for digits"),
        ("  bye:", "  ask: {say: Twice., hang_up: true}\n  bye:", 12, "a second time"),
        ('"yes": bye', "yes: bye", 11, "bare yes or no"),
        ("nodes:", "include: [jobs.yaml]\nnodes:", 6, "jobs.yaml cannot be read"),
        ("    say: Goodbye.", "    choose: {each: one}\n    say: Goodbye.", 12, "one thing"),
    ],
)
def test_a_fault_is_found_where_it_is(tmp_path: Path, old: str, new: str, line: int, words: str) -> None:
    assert old in SOUND
    assert found(tmp_path, SOUND.replace(old, new, 1), words)[0] == line


@pytest.mark.parametrize(
    ("old", "new", "words", "where"),
    [
        ("my order is late]", "]", "has 7 examples", "examples: [where"),
        ("do you open early", "book me in", "is an example of 'book', too", "book me in, what"),
        ("    about: our hours\n", "", "has no 'about'", "  hours:"),
        ("  hours:\n", "  filled:\n", "a label of its own", "filled:"),
        ("Are you still there?", "'{order.number}?'", "{order.number} may be unknown here", "    when_silent:"),
        ("Are you still there?", "Still there} ?", "a brace or bracket is not closed", "    when_silent:"),
        ("go: find_answer", "go: nowhere", "no node 'nowhere'", "go: nowhere"),
        ("say: Which day?, again: Please name a day.", "say: Which day?", "no 'again'", "say: Which day?"),
        ("again: Please name a time.", "again: What time?", "in the same words", "again: What time?"),
        ("fill: booking.time, kind", "fill: booking.day, kind", "booking.day stands here twice", "collect:"),
        ('"2": shave}', '"2": perm}', "no choice 'perm'", '"2": perm'),
        ("names: {cut:", "names: {crop:", "no choice crop", "- fill: booking.service"),
        (
            "kind: date, say: Which day?",
            "kind: date, by_keys: Key it in., say: Which day?",
            "cannot be keyed in",
            "by_keys: Key it in",
        ),
        (
            "{booking.service:name}, {booking.day:date}",
            "{booking.wish}, {booking.day:date}",
            "{booking.wish} may be unknown here",
            "confirm: ",
        ),
        ("again: Is there anything else?", "by_keys: Press one.", "no 'again'", "more:"),
        ("cancelled: more, ", "", "does not say where 'cancelled' goes", "  form:"),
        ("chosen: picked, ", "", "does not say where 'chosen' goes", "  pick:"),
        ("known: find_combs, ", "", "does not say where 'known' goes", "  offer:"),
        ("{known: greet,", "{known: pick,", "no request before 'pick' brings options", "    choose:"),
        ("failed: more}}\n  pick", "failed: find_combs}}\n  pick", "a loop: 'find_combs'", "  find_combs:"),
        ("given_up: person", "given_up: form", "a loop: 'form'", "  form:"),
        ("say: Hello.", "say: 'Hello {order.number}.'", "{order.number} may be unknown here", "  greet:"),
        ("{order.number:digits} {order.state}", "{order.number:digit} {order.state}", "unknown format", "say: Order"),
    ],
)
def test_a_fault_of_a_whole_scenario_is_found(tmp_path: Path, old: str, new: str, words: str, where: str) -> None:
    assert old in DESK
    text = DESK.replace(old, new, 1)
    line, _ = found(tmp_path, text, words)
    assert where in text.splitlines()[line - 1]


def test_the_scenario_of_these_tests_is_sound(tmp_path: Path) -> None:
    path = tmp_path / "desk.yaml"
    path.write_text(DESK)
    assert check(path) == []


JOB = """\
intents:
  weather: {go: tell_weather, phrases: [the weather]}
nodes:
  tell_weather:
    say: It rains.
    go: {next: bye}
"""


@pytest.fixture
def split(tmp_path: Path) -> tuple[Path, Path]:
    """A scenario and the job it includes."""
    main, job = tmp_path / "survey.yaml", tmp_path / "jobs" / "weather.yaml"
    job.parent.mkdir()
    main.write_text(SOUND.replace("nodes:", "include: [jobs/weather.yaml]\nnodes:"))
    job.write_text(JOB)
    return main, job


def test_jobs_are_included(split: tuple[Path, Path]) -> None:
    main, job = split
    scenario = load(main)
    assert scenario.intents["weather"].go == "tell_weather"
    assert {"ask", "tell_weather"} <= scenario.nodes.keys()
    job.write_text(JOB.replace("rains", "snows"))
    assert load(main).version != scenario.version


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("go: {next: bye}", "go: {next: nowhere}", 6, "no node 'nowhere'"),
        ("say: It rains.", "shout: It rains.", 5, "shout"),
        ("tell_weather:\n", "ask:\n", 4, "stands in"),
        ("nodes:", "nodes: ]", 3, "not YAML"),
        ("the weather]}", "the weather], examples: [how is it]}", 2, "has 1 examples"),
        ("It rains.", "It rains{rain.much}.", 5, "nothing in this scenario fills"),
    ],
)
def test_faults_are_told_in_the_file_where_they_are(
    split: tuple[Path, Path], old: str, new: str, line: int, words: str
) -> None:
    main, job = split
    assert old in JOB
    job.write_text(JOB.replace(old, new, 1))
    problems = [problem for problem in check(main) if words in problem.text]
    assert problems, [str(problem) for problem in check(main)]
    assert (problems[0].file, problems[0].line) == (str(job), line)


def test_a_node_that_leads_to_itself_is_a_loop(tmp_path: Path) -> None:
    text = SOUND.replace('"yes": bye', '"yes": thanks') + "  thanks: {say: Thanks., go: {next: thanks}}\n"
    assert "'thanks'" in found(tmp_path, text, "a loop")[1]


def test_giving_up_must_not_lead_back_to_what_was_given_up(tmp_path: Path) -> None:
    assert "'ask'" in found(tmp_path, SOUND.replace("fallback: bye", "fallback: ask"), "a loop")[1]


def test_a_fact_that_only_some_ways_bring_needs_brackets(tmp_path: Path) -> None:
    path = tmp_path / "survey.yaml"
    number = SOUND.replace("{yes_no: true}", "{yes_no: true, slot: {fill: order.number, kind: digits, length: [4, 6]}}")
    number = number.replace('"yes": bye', '"yes": bye, filled: bye')
    path.write_text(number.replace("Goodbye.", "Goodbye, {order.number}."))
    assert ["may be unknown" in problem.text for problem in check(path)] == [True]
    path.write_text(number.replace("Goodbye.", "Goodbye[, {order.number}]."))
    assert check(path) == []


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert "cannot be read" in check(tmp_path / "none.yaml")[0].text


@pytest.mark.parametrize("body", ["", "[]", "42", "a: &a [*a]", "name: \udcff", "\x00"])
def test_what_is_no_scenario_at_all(tmp_path: Path, body: str) -> None:
    path = tmp_path / "survey.yaml"
    path.write_bytes(body.encode("utf-8", "surrogateescape"))
    assert check(path)


UNPROVEN = """
  find: {do: bookings.find, go: {one: tell, several: bye, missing: bye, failed: bye}}
  tell: {say: "You come on {booking.day:date}.", go: {next: bye}}
  whose:
    collect: [{fill: contact.phone, kind: phone, say: Your phone?, again: Again please.}]
    go: {filled: find, cancelled: bye}
"""
NUMBER = """
  number:
    say: Which booking?
    again: Its number please.
    listen: {slot: {fill: booking.number, kind: digits, length: [3, 8]}}
    go: {filled: find}
"""


def test_a_request_nobody_could_prove_is_complained_of_and_held(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A scenario from before there were levels goes on: the robot says `missing`, and the log says why."""
    path = tmp_path / "survey.yaml"
    old = SOUND.replace('"yes": bye', '"yes": whose') + UNPROVEN
    path.write_text(old)
    (problem,) = check(path)
    assert "bookings.find takes proof that it is the caller's own, and none is asked for" in problem.text
    assert load(path).name == "survey"
    assert "takes proof" in caplog.text
    path.write_text(old.replace("missing: bye, failed", "missing: bye, unproven: number, failed") + NUMBER)
    assert check(path) == []


def test_a_fact_that_few_are_told_needs_brackets(tmp_path: Path) -> None:
    path = tmp_path / "survey.yaml"
    node = """
  own: {do: orders.recent, go: {one: tell, several: bye, missing: bye, failed: bye}}
  tell: {say: "Order {order.number} {order.state}.", go: {next: bye}}
"""
    path.write_text(SOUND.replace('"yes": bye', '"yes": own') + node)
    (problem,) = check(path)
    assert "{order.number} is told only to who has shown more than a number" in problem.text
    path.write_text(path.read_text().replace("{order.number} {", "[{order.number} ]{"))
    assert check(path) == []
