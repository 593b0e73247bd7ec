"""Files in the words of before: they mean what they meant, as they are and rewritten."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from analytics.alerts import DEFAULT, raised, read_alerts
from analytics.dictionary import read_dictionary
from analytics.quality.scorecard import score
from analytics.quality.scorecard_file import read_scorecard
from analytics.quality.scorecard_value import Scorecard
from analytics.quality.scoring import EXAMPLES
from analytics.rule_files import converted
from analytics.settings import AnalyticsSettings
from recordings.calls.facts import CallFacts
from speech.yaml_edit import flow
from speech.yaml_source import FileRefused, read_yaml
from tests.analytics.alerts.test_alerts import rules
from tests.analytics.conditions import calls
from tests.analytics.conditions.oracle import alert_fires, scorecard_judges
from tests.analytics.quality.test_scorecard import CARD

pytestmark = pytest.mark.unit

FORMER = Path(__file__).parent / "former"
ANSWERS = {True: "yes", False: "no", None: "na"}


def block(data: Any, indent: int = 0) -> str:
    """Data as people write it, a key a line."""
    pad = " " * indent
    if isinstance(data, dict) and data and indent < 10:
        return "".join(f"{pad}{flow(key)}:{below(value, indent)}" for key, value in data.items())
    return f"{pad}{flow(data)}\n"


def below(value: Any, indent: int) -> str:
    if isinstance(value, list) and value and isinstance(value[0], dict):
        items = (block(one, indent + 4) for one in value)
        return "\n" + "".join(f"{' ' * (indent + 2)}- {item.lstrip()}" for item in items)
    return "\n" + block(value, indent + 2) if isinstance(value, dict) and value and indent < 8 else f" {flow(value)}\n"


def as_text(draw: Random, data: dict[str, Any]) -> str:
    text = block(data) if draw.random() < 0.7 else flow(data)
    assert read_yaml(text, "f").data == data
    return text


def card(text: str) -> Scorecard:
    found, problems = read_scorecard(text)
    assert found, problems
    return found


def test_random_alerts_mean_what_they_meant() -> None:
    draw, fired = Random(1), 0
    for _ in range(500):
        data, case = calls.alert(draw), calls.case(draw)
        text = as_text(draw, {"alerts": [data]})
        new = converted(text, Path("alerts.yaml"))
        assert converted(new, Path("alerts.yaml")) == new
        expected = alert_fires(data, case)
        for written in (text, new):
            found = raised(read_alerts(written), case)
            assert (bool(found), found[0].evidence if found else None) == expected, written
        fired += expected[0]
    assert 70 < fired < 430


def test_random_scorecards_mean_what_they_meant() -> None:
    draw, answers = Random(2), dict.fromkeys(ANSWERS.values(), 0)
    for _ in range(500):
        data = calls.scorecard(draw)
        text = as_text(draw, data)
        new = converted(text, Path("card.yaml"))
        assert converted(new, Path("card.yaml")) == new
        item = data["sections"][0]["items"][0]
        case = replace(calls.case(draw), measures=calls.measures(draw))
        assert case.measures
        rule, only = (
            scorecard_judges(one if isinstance(one, list) else [one], case.findings, case.measures, case.facts)
            for one in (item["rule"], item.get("applies_if", []))
        )
        holds, proof = rule if only[0] else (None, None)
        expected = (ANSWERS[holds], proof.start if proof else None)
        for written in (text, new):
            answer = score(card(written), case.measures, case.findings, case.facts).answers["one"]
            assert (answer.answer, answer.start) == expected, written
        answers[expected[0]] += 1
    assert min(answers.values()) > 50


SHIPPED = [
    (FORMER / "alerts.yaml", DEFAULT),
    (FORMER / "scorecard.ru.yaml", EXAMPLES / "ru" / "service.yaml"),
    (FORMER / "scorecard.en.yaml", EXAMPLES / "en" / "service.yaml"),
]


@pytest.mark.parametrize(("former", "today"), SHIPPED, ids=lambda file: file.name)
def test_what_is_shipped_was_rewritten_by_the_command(former: Path, today: Path) -> None:
    text = former.read_text("utf-8")
    assert converted(text, former) == today.read_text("utf-8")
    assert text.count("#") == today.read_text("utf-8").count("#")


def test_a_stored_version_of_before_means_the_same_over_the_same_calls() -> None:
    """Versions are stored as texts; what an installation keeps from before must not change a score or an alert."""
    draw = Random(3)
    for former, today in SHIPPED:
        old, new = former.read_text("utf-8"), today.read_text("utf-8")
        for _ in range(100):
            case = calls.case(draw)
            if "alerts:" in old:
                before, after = (raised(read_alerts(text), case) for text in (old, new))
                assert [(one.rule.name, one.evidence) for one in before] == [
                    (one.rule.name, one.evidence) for one in after
                ]
            elif case.measures:
                before_, after_ = (score(card(text), case.measures, case.findings, case.facts) for text in (old, new))
                assert (before_.answers, before_.score) == (after_.answers, after_.score)


@pytest.mark.parametrize(
    "text",
    [
        CARD,
        rules("  - {said: {ru: [подать в суд]}, speaker: caller}"),
        rules("  - {measure: {name: silence_share, above: 0.5}}\n  - {outcome: [abandoned]}", join="any"),
        rules("  - silence: 60", more="  when: live\n"),
    ],
)
def test_files_of_the_tests_are_rewritten_to_the_same_rules(text: str) -> None:
    new = converted(text, Path("f.yaml"))
    assert converted(new, Path("f.yaml")) == new
    if "alerts:" in text:
        assert read_alerts(new).rules == read_alerts(text).rules
    else:
        assert replace(card(new), version="") == replace(card(text), version="")


DICTIONARY = """\
# words
within: 3
keywords:
  - category: claims/refund   # money
    role: caller
    phrases: [вернуть деньги, {text: деньги назад, any_order: true}]
    all:
      - {role: agent, phrases: [извините]}
      - {text: [a]}
"""


def test_a_dictionary_has_one_name_for_everything() -> None:
    text = DICTIONARY.replace("      - {text: [a]}\n", "")
    new = converted(text, Path("ru/shop.yaml"))
    assert new == text.replace("category:", "label:").replace("role:", "speaker:").replace("text:", "phrase:")
    assert read_dictionary(new, "ru", Path()).categories == read_dictionary(text, "ru", Path()).categories
    for file in AnalyticsSettings().dictionaries_dir.glob("*/*.yaml"):
        assert converted(file.read_text("utf-8"), file) == file.read_text("utf-8")


def test_comments_within_a_condition_stay() -> None:
    text = CARD.replace(
        "rule: {found: {label: приветствие, speaker: agent, first_seconds: 15}}",
        "rule: {found: {label: приветствие,  # of the dictionary\n  speaker: agent, # not the robot\n"
        "  first_seconds: 15}}  # after\n        ",
    )
    new = converted(text, Path("f.yaml"))
    assert "{category: приветствие,  # of the dictionary; not the robot\n" in new
    assert "first_seconds: 15}  # after" in new
    block = rules("  # before\n  - silence:   # within\n      60\n  # behind")
    assert "  # before\n  - finding: silence  # within\n    label: silence\n    lasts: {above: 60}\n  # behind" in (
        converted(block, Path("f.yaml"))
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (rules("  - silense: 5"), "f.yaml:5: alerts.0.all.0.silense"),
        ("alerts:\n- name: [", "f.yaml:2: not YAML"),
        (CARD.replace("at_most: 1", ""), "f.yaml:19: sections.1.items.1.rule.count: nothing is compared"),
        ("a: {speaker: boss, phrases: [b]}", "f.yaml:1: a.speaker"),
        (DICTIONARY, "f.yaml:9: keywords.0.all.1.text"),
    ],
)
def test_a_file_with_faults_is_left_as_it_is(text: str, problem: str) -> None:
    with pytest.raises(FileRefused) as refused:
        converted(text, Path("f.yaml"))
    assert str(refused.value.problems[0]).startswith(problem)


def test_what_cannot_be_rewritten_in_its_place_is_told() -> None:
    shared = rules("  - &quiet {silence: 60}\n  - *quiet")
    assert "- &quiet {finding: silence, label: silence, lasts: {above: 60}}\n  - *quiet" in converted(shared, Path("f"))
    part = rules("  - rating: &two 2", more="  send: {mail: [a@b.example]}\n") + (
        "- name: two\n  title: {ru: *two}\n  all:\n  - silence: 60\n"
    )
    with pytest.raises(FileRefused, match="write it by hand"):
        converted(part, Path("f.yaml"))


def test_facts_are_the_same_in_small_and_capital_letters() -> None:
    rule = CARD.replace("rule: {absent: {label: rude, speaker: agent}}", "rule: {call: {team: First}}")
    case = replace(calls.case(Random(4)), measures=calls.measures(Random(4)))
    assert case.measures
    facts = CallFacts(contact_id="1", team="first", imported=False)
    assert score(card(rule), case.measures, (), facts).answers["polite"].answer == "yes"
