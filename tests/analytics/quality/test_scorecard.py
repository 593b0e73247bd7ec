"""Scores of calls by scorecards, each figure computed by hand beside it."""

from __future__ import annotations

from typing import Any

import pytest

from analytics.conditions.figures import measure_names
from analytics.dictionary import load_rule_set
from analytics.quality.scorecard import missing, score, total, unexplained
from analytics.quality.scorecard_file import read_scorecard, schema
from analytics.quality.scorecard_value import Scorecard
from analytics.quality.scoring import EXAMPLES, unknown_labels
from analytics.settings import AnalyticsSettings
from recordings.calls.facts import CallFacts
from recordings.quality.evaluation import Answer
from recordings.results.finding import Evidence, Finding, FindingKind, Measures
from speech.recognition.words import Speaker

pytestmark = pytest.mark.unit

MEASURES = Measures(
    duration=100.0,
    talk_seconds={"caller": 30.0, "agent": 60.0},
    words_per_minute={"caller": 100.0, "agent": 130.0},
    sentiment_by_quarter={"caller": (-0.6, None, -0.2, 0.4)},
)
HANDED_OVER = CallFacts(
    contact_id="1", language="ru", outcome="handed_over", agent="PJSIP/agent", agent_from=20.0, imported=False
)

CARD = """
name: service
title: Качество
sections:
  - name: talk
    title: Разговор
    items:
      - {name: greeting, title: Поздоровался, weight: 10, rule: {found: {label: приветствие, speaker: agent, first_seconds: 15}}}
      - {name: tone, title: Тон, weight: 30, answer: scale}
  - name: answer
    title: Ответ
    items:
      - name: correct
        title: Ответ верный
        weight: 40
        answer: choice
        critical: section
        choices: [{name: full, title: Полный, points: 1}, {name: part, title: Неполный, points: 0.5}, {name: wrong, title: Нет, points: 0}]
      - {name: calm, title: Не перебивал, weight: 20, rule: {count: {kind: interruption, speaker: agent, at_most: 1}}}
      - {name: polite, title: Не грубил, weight: 20, critical: call, may_not_apply: false, rule: {absent: {label: rude, speaker: agent}}}
"""  # noqa: E501


def card(text: str = CARD) -> Scorecard:
    read, problems = read_scorecard(text)
    assert read, problems
    return read


def one(rule: str) -> Scorecard:
    """A scorecard of one automatic item."""
    item = f"{{name: item, title: Пункт, weight: 1, rule: {rule}}}"
    return card(f"name: one\ntitle: Одно\nsections: [{{name: s, title: С, items: [{item}]}}]")


def found(label: str, start: float, end: float, **changes: Any) -> Finding:
    values = {"kind": FindingKind.KEYWORD, "speaker": Speaker.AGENT} | changes
    return Finding(label=label, evidence=Evidence(start=start, end=end, quote=label), **values)


def answers(**given: str) -> dict[str, Answer]:
    return {item: Answer(answer=answer) for item, answer in given.items()}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        # (10·1 + 30·4/5 + 40·0.5 + 20·1 + 20·1) / 120 = 94/120
        ({"greeting": "yes", "tone": "4", "correct": "part", "calm": "yes", "polite": "yes"}, 78.33),
        # the weight of the tone goes to the others: (10 + 20 + 20 + 20) / 90
        ({"greeting": "yes", "tone": "na", "correct": "part", "calm": "yes", "polite": "yes"}, 77.78),
        # a wrong answer takes its section with it: (10 + 24) / 120
        ({"greeting": "yes", "tone": "4", "correct": "wrong", "calm": "yes", "polite": "yes"}, 28.33),
        ({"greeting": "yes", "tone": "5", "correct": "full", "calm": "yes", "polite": "no"}, 0.0),
        ({"greeting": "no", "tone": "0", "correct": "part"}, 25.0),  # 20/80: what has no answer yet is not counted
        ({"greeting": "na", "tone": "na", "correct": "na", "calm": "na", "polite": "na"}, None),
        ({"greeting": "perhaps", "tone": "6"}, None),
        ({}, None),
    ],
)
def test_total(given: dict[str, str], expected: float | None) -> None:
    assert total(card(), answers(**given)) == expected


def test_automatic_items_answer_themselves_with_their_proof() -> None:
    findings = [found("приветствие", 34.0, 35.0), found("перебил", 50, 51, kind=FindingKind.INTERRUPTION)]
    made = score(card(), MEASURES, findings, HANDED_OVER)
    assert made.answers.keys() == {"greeting", "calm", "polite"}
    greeting = made.answers["greeting"]
    assert (greeting.answer, greeting.automatic, greeting.start, greeting.end) == ("yes", "yes", 34.0, 35.0)
    assert greeting.quote == "приветствие"
    assert made.score == 100.0
    # 16 seconds after the agent came is too late: (20 + 20) / 50
    late = score(card(), MEASURES, [found("приветствие", 36.0, 37.0)], HANDED_OVER)
    assert (late.answers["greeting"].answer, late.score) == ("no", 80.0)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("{found: {label: claims}}", "yes"),  # claims/refund is below it
        ("{found: {label: claim}}", "no"),
        ("{found: {label: claims, speaker: caller}}", "no"),
        ("{found: {label: claims, speaker: robot}}", "na"),  # who says nothing leaves nothing out
        ("{found: {label: claims, last_seconds: 60}}", "yes"),
        ("{found: {label: claims, last_seconds: 59}}", "no"),
        ("{absent: {label: claims, first_seconds: 39}}", "yes"),
        ("{count: {label: claims, at_least: 2}}", "no"),
        ("{longest: {kind: silence, at_most: 12}}", "yes"),
        ("{longest: {kind: silence, at_most: 11.9}}", "no"),
        ("{longest: {kind: monologue, at_most: 5}}", "yes"),
        ("{measure: {name: words_per_minute.agent, at_least: 90, at_most: 130}}", "yes"),
        ("{measure: {name: words_per_minute.robot, at_least: 1}}", "na"),
        ("{measure: {name: talk_share.agent, at_most: 0.66}}", "no"),  # 60 of 90 seconds
        ("{measure: {name: sentiment_end.caller, at_least: 0.4}}", "yes"),
        ("{measure: {name: sentiment_change.caller, at_least: 1}}", "yes"),  # from -0.6 to 0.4
        ("{measure: {name: sentiment_end.agent, at_least: 0}}", "na"),
        ("{call: {outcome: [settled, handed_over], language: ru}}", "yes"),
        ("{call: {team: first}}", "no"),
        ("[{found: {label: claims}}, {measure: {name: words_per_minute.robot, at_least: 1}}]", "na"),
        ("[{measure: {name: words_per_minute.robot, at_least: 1}}, {call: {team: first}}]", "no"),
    ],
)
def test_conditions(rule: str, expected: str) -> None:
    findings = [
        found("claims/refund", 40.0, 41.0),
        found("silence", 60.0, 72.0, kind=FindingKind.SILENCE, speaker=Speaker.UNKNOWN),
        found("silence", 80.0, 84.0, kind=FindingKind.SILENCE, speaker=Speaker.UNKNOWN),
    ]
    assert score(one(rule), MEASURES, findings, HANDED_OVER).answers["item"].answer == expected


def test_the_longest_silence_is_its_own_proof() -> None:
    short, long = (found("silence", a, b, kind=FindingKind.SILENCE) for a, b in ((1.0, 5.0), (60.0, 90.0)))
    answer = score(one("{longest: {kind: silence, at_most: 20}}"), MEASURES, [short, long], HANDED_OVER).answers["item"]
    assert (answer.answer, answer.start, answer.end) == ("no", 60.0, 90.0)


def test_what_does_not_apply_has_no_score() -> None:
    conditional = card(CARD.replace("weight: 10, rule", "weight: 10, applies_if: {found: {label: complaint}}, rule"))
    made = score(conditional, MEASURES, [], HANDED_OVER)
    assert (made.answers["greeting"].answer, made.score) == ("na", 100.0)
    english = card(CARD.replace("title: Качество", "title: Качество\nlanguage: en"))
    assert score(english, MEASURES, [], HANDED_OVER).answers == {}
    silent = score(card(), Measures(duration=3.0), [], HANDED_OVER)
    assert {answer.answer for answer in silent.answers.values()} == {"na"}
    assert silent.score is None


def test_what_an_evaluator_still_owes() -> None:
    given = answers(greeting="yes", tone="7", correct="na", calm="no")
    assert [item.name for item in missing(card(), given)] == ["tone", "polite"]
    assert [item.name for item in missing(card(), given | answers(polite="na"))] == ["tone", "polite"]
    by_rule = Answer(answer="na", automatic="na")
    assert [item.name for item in missing(card(), given | {"polite": by_rule})] == ["tone"]
    overridden = {"calm": Answer(answer="yes", automatic="no"), "greeting": Answer(answer="no", automatic="no")}
    assert [item.name for item in unexplained(card(), overridden)] == ["calm"]
    explained = {"calm": Answer(answer="yes", automatic="no", comment="клиент позвал")}
    assert unexplained(card(), explained) == ()


@pytest.mark.parametrize(
    ("wrong", "right", "said"),
    [
        ("weight: 30", "weight: 0", "9: sections.0.items.1.weight: Input should be greater than 0"),
        ("answer: scale", "answer: stars", "9: sections.0.items.1.answer: Input should be"),
        ("name: tone", "name: greeting", "9: there is an item 'greeting' already"),
        ("at_most: 1", "", "19: sections.1.items.1.rule.count: nothing is compared"),
        ("count: {kind: interruption, speaker: agent, at_most: 1}", "measure: {name: speed, at_most: 1}"
            , "19: sections.1"),
        ("points: 0}", "points: 2}", "18: sections.1.items.0.choices.2.points: Input should be less"),
        ("title: Качество\n", "title: [\n", "5: not YAML: did not find expected node content"),
        ("kind: interruption", "kind: rudeness", "19: sections.1.items.1.rule.count.kind: Input should be"),
        ("absent: {", "found: {label: x}, absent: {", "20: sections.1.items.2.rule: want exactly one of"),
        ("name: service", "nome: service", "2: name: Field required"),
    ],
)  # fmt: skip
def test_errors_name_their_line(wrong: str, right: str, said: str) -> None:
    assert wrong in CARD
    read, problems = read_scorecard(CARD.replace(wrong, right, 1), "service.yaml")
    assert read is None
    assert any(str(problem).startswith(f"service.yaml:{said}") for problem in problems), list(map(str, problems))


@pytest.mark.parametrize("text", ["", "- a", "a: 2026-02-30", "\x00", "x" * 200_000])
def test_what_is_no_scorecard_is_refused(text: str) -> None:
    read, problems = read_scorecard(text)
    assert read is None
    assert problems


def test_examples_are_scorecards() -> None:
    files = sorted(EXAMPLES.glob("*/*.yaml"))
    assert {file.parent.name for file in files} == {"ru", "en"}
    for file in files:
        read, problems = read_scorecard(file.read_text("utf-8"), file.name)
        assert problems == []
        assert read is not None
        assert read.language == file.parent.name


def test_examples_ask_for_categories_that_dictionaries_have() -> None:
    rules = load_rule_set(AnalyticsSettings().dictionaries_dir)
    for file in EXAMPLES.glob("*/*.yaml"):
        read, _ = read_scorecard(file.read_text("utf-8"))
        assert read is not None
        assert unknown_labels(read, rules) == ()
    assert unknown_labels(card(), rules) == ("rude",)
    assert unknown_labels(one("{count: {kind: interruption, label: rude, at_most: 1}}"), rules) == ()


def test_version_is_of_the_text() -> None:
    assert card().version == card().version
    assert card().version != card(CARD + "\n").version


def test_schema_and_names_of_figures() -> None:
    assert schema()["properties"]["sections"]["items"] == {"$ref": "#/$defs/SectionShape"}
    assert {"duration", "silence_share", "talk_seconds.caller", "sentiment_end.agent"} <= set(measure_names())
    assert "loudness_dbfs" not in measure_names()
