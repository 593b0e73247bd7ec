"""The one language of conditions: what it says of a call, in alerts and in scorecards alike, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from analytics.alerts import AlertsError, Case, raised, read_alerts
from analytics.alerts import schema as alerts_schema
from analytics.dictionary import Lexicon, LexiconUtterance, read_dictionary
from analytics.dictionary import schema as dictionary_schema
from analytics.quality.scorecard import score
from analytics.quality.scorecard_file import read_scorecard
from analytics.quality.scorecard_file import schema as scorecard_schema
from recordings.calls.facts import CallFacts
from recordings.results.finding import Evidence, Finding, FindingKind, Measures
from speech.recognition.words import Speaker, Utterance
from speech.yaml_source import Problem

pytestmark = pytest.mark.unit

FACTS = CallFacts(contact_id="1", language="en", outcome="abandoned", segment="VIP", agent_from=20.0, imported=False)
MEASURES = Measures(duration=100.0, talk_seconds={"caller": 30.0, "agent": 60.0}, words_per_minute={"agent": 130.0})
SAID = (
    Utterance(speaker=Speaker.CALLER, start=1, end=4, text="I will go to court with this"),
    Utterance(speaker=Speaker.AGENT, start=25, end=28, text="no need for a court"),
    Utterance(speaker=Speaker.CALLER, start=90, end=93, text="this is a disgrace"),
)


def found(label: str, start: float, end: float, kind: FindingKind, speaker: Speaker) -> Finding:
    return Finding(kind=kind, label=label, speaker=speaker, evidence=Evidence(start=start, end=end, quote=label))


FINDINGS = (
    found("claims/court", 2, 3, FindingKind.KEYWORD, Speaker.CALLER),
    found("apology", 35, 36, FindingKind.KEYWORD, Speaker.AGENT),
    found("silence", 40, 52, FindingKind.SILENCE, Speaker.UNKNOWN),
    found("hold", 60, 85, FindingKind.SILENCE, Speaker.UNKNOWN),
    found("interruption", 90, 91, FindingKind.INTERRUPTION, Speaker.AGENT),
    found("claims/refund", 95, 96, FindingKind.KEYWORD, Speaker.CALLER),
)


def in_alert(condition: str, case: Case) -> tuple[bool, Evidence | None]:
    text = f"alerts:\n- name: one\n  title: {{en: One}}\n  all:\n  - {condition}\n"
    fired = raised(read_alerts(text), case)
    return bool(fired), fired[0].evidence if fired else None


def in_scorecard(condition: str) -> str:
    item = f"{{name: one, title: One, weight: 1, rule: {condition}}}"
    card, problems = read_scorecard(f"name: c\ntitle: C\nsections: [{{name: s, title: S, items: [{item}]}}]")
    assert card, problems
    return score(card, MEASURES, FINDINGS, FACTS).answers["one"].answer


CASE = Case(facts=FACTS, when="finished", said=SAID, findings=FINDINGS, measures=MEASURES, sentiments=(-0.2, 0.1, -0.9))


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("{category: claims}", True),
        ("{category: claims, speaker: agent}", False),
        ("{category: claims, first_seconds: 1.5}", False),
        ("{category: claims, last_seconds: 5}", True),
        ("{category: apology, speaker: agent, first_seconds: 15}", True),  # after the agent joined
        ("{category: apology, first_seconds: 15}", False),
        ("{category: claims, count: {at_least: 2}}", True),
        ("{category: claims, count: {above: 2}}", False),
        ("{category: none, count: {at_most: 0}}", True),
        ("{finding: silence, longest: {at_least: 25, at_most: 25}}", True),
        ("{finding: silence, label: silence, longest: {below: 12}}", False),
        ("{finding: silence, lasts: {at_least: 12}, count: {at_least: 2}}", True),
        ("{finding: silence, lasts: {above: 12}, count: {at_least: 2}}", False),
        ("{finding: interruption, speaker: agent}", True),
        ("{measure: {words_per_minute.agent: {at_least: 90, at_most: 130}, duration: {above: 99}}}", True),
        ("{measure: {words_per_minute.agent: {at_least: 90, below: 130}}}", False),
        ("{call: {outcome: [failed, abandoned], segment: vip}}", True),
        ("{call: {outcome: abandoned, team: first}}", False),
        ("{all: [{category: claims}, {category: apology}]}", True),
        ("{all: [{category: claims}, {category: rude}]}", False),
        ("{any: [{category: rude}, {all: [{category: claims}, {call: {segment: VIP}}]}]}", True),
        ("{any: [{category: rude}, {call: {segment: gold}}]}", False),
        ("{unless: [{category: rude}]}", True),
        ("{unless: [{category: rude}, {category: apology}]}", False),
        ("{category: claims, unless: [{category: apology, speaker: agent}]}", False),
        ("{category: claims, any: [{finding: overlap}, {finding: silence}]}", True),
        ("{speaker: agent, any: [{category: claims}, {finding: silence}]}", False),  # the agent's
        ("{speaker: agent, any: [{category: claims, speaker: caller}, {category: rude}]}", True),
        ("{first_seconds: 10, all: [{category: claims}], unless: [{category: apology}]}", True),
    ],
)
def test_alerts_and_scorecards_say_the_same(condition: str, holds: bool) -> None:
    assert in_alert(condition, CASE)[0] is holds
    assert in_scorecard(condition) == ("yes" if holds else "no")


@pytest.mark.parametrize(
    ("condition", "start"),
    [
        ("{said: {en: [go to court, sue]}}", 1),
        ("{said: {en: [court]}, speaker: agent}", 25),
        ("{said: {en: [court]}, speaker: agent, first_seconds: 4}", None),
        ("{said: {en: [disgrace]}, last_seconds: 10}", 90),
        ("{said: {ru: [суд]}}", None),
        ("{sentiment: {at_most: -0.4}, speaker: caller}", 90),
        ("{sentiment: {above: 0}, speaker: agent}", 25),
        ("{sentiment: {below: -0.5}}", None),
        ("{speaker: caller, all: [{said: {en: [court]}}, {sentiment: {below: 0}}]}", 1),
        ("{said: {en: [disgrace]}, all: [{said: {en: [court]}}]}", 90),  # a term proves its condition by itself
        ("{said: {en: [court]}, unless: [{said: {en: [disgrace]}}]}", None),
    ],
)
def test_words_and_feelings_in_alerts_with_their_proof(condition: str, start: float | None) -> None:
    fired, proof = in_alert(condition, CASE)
    assert (fired, proof.start if proof else None) == (start is not None, start)


@pytest.mark.parametrize(
    ("condition", "fires"),
    [
        ("{finding: silence, lasts: {above: 60}}", True),
        ("{finding: silence, count: {at_most: 3}}", False),  # there may be more to come
        ("{unless: [{category: apology}]}", False),  # nobody has looked yet
        ("{unless: [{measure: {silence_share: {above: 0.5}}}]}", False),
        ("{unless: [{rating: {at_least: 4}}]}", False),
        ("{any: [{category: apology}, {said: {en: [court]}}]}", True),
        ("{said: {en: [court]}, last_seconds: 50}", False),  # nobody knows the end
        ("{unless: [{said: {en: [refund]}}]}", True),
    ],
)
def test_what_cannot_be_judged_yet_raises_nothing(condition: str, fires: bool) -> None:
    live = Case(facts=FACTS, when="live", said=SAID, quiet_since=(10.0, 71.0))
    assert in_alert(condition, live)[0] is fires


def test_an_alert_may_have_exceptions() -> None:
    text = "alerts:\n- {name: a, title: {en: A}, all: [{category: claims}], unless: [{call: {segment: vip}}]}"
    assert not raised(read_alerts(text), CASE)
    assert raised(read_alerts(text.replace("vip", "gold")), CASE)


def test_who_says_nothing_leaves_a_scorecard_open() -> None:
    assert in_scorecard("{category: claims, speaker: robot}") == "na"
    assert in_scorecard("{unless: [{category: claims, speaker: robot}]}") == "na"
    assert in_scorecard("{any: [{category: claims, speaker: robot}, {category: apology}]}") == "yes"
    assert in_scorecard("{all: [{category: claims, speaker: robot}, {category: rude}]}") == "no"


def test_a_dictionary_is_written_in_the_same_words() -> None:
    text = "threat: {speaker: caller, any: [[court], {phrases: [sue], first_seconds: 5}], unless: [[thanks]]}"
    reading = read_dictionary(text, "en", Path("f"))
    assert not reading.problems
    lexicon = Lexicon(reading.categories, "en")

    def hits(*said: tuple[Speaker, str]) -> int:
        return len(lexicon.find([LexiconUtterance(words=words.split(), speaker=who) for who, words in said]))

    assert hits((Speaker.CALLER, "see you in court")) == 1
    assert hits((Speaker.AGENT, "see you in court")) == 0
    assert hits((Speaker.CALLER, "see you in court"), (Speaker.CALLER, "thanks")) == 0


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        ("{}", "want exactly one of category, finding"),
        ("{category: a, finding: silence}", "want exactly one of"),
        ("{category: a, label: b}", "a label belongs to a finding"),
        ("{call: {team: a}, count: {at_least: 1}}", "count belongs to a category or a finding"),
        ("{call: {team: a}, speaker: caller}", "whose and when is asked of"),
        ("{measure: {beauty: {above: 1}}}", "no figure is called 'beauty'"),
        ("{measure: {duration: 5}}", "measure.duration: Input should be"),
        ("{category: a, count: {}}", "nothing is compared"),
        ("{category: a, count: {at_least: 3, below: 2}}", "nothing lies between"),
        ("{finding: rudeness}", "finding: Input should be"),
        ("{call: {weather: fine}}", "weather"),
        ("{unless: []}", "want exactly one of"),
        ("{unless: [{category: a}, {}]}", "unless.1: want exactly one of"),
    ],
)
def test_faults_are_told_in_alerts_and_scorecards_alike(condition: str, text: str) -> None:
    with pytest.raises(AlertsError) as refused:
        in_alert(condition, CASE)
    item = f"{{name: one, title: One, weight: 1, rule: {condition}}}"
    _, problems = read_scorecard(f"name: c\ntitle: C\nsections:\n- name: s\n  title: S\n  items:\n  - {item}")
    for found, line in ((refused.value.problems, 5), (problems, 7)):
        assert any(text in problem.text and problem.line == line for problem in found), found


@pytest.mark.parametrize("term", ["said: {en: [a]}", "sentiment: {below: 0}", "rating: {at_most: 2}"])
def test_a_scorecard_tells_what_it_does_not_see(term: str) -> None:
    item = f"{{name: one, title: One, weight: 1, rule: {{unless: [{{{term}}}]}}}}"
    card, problems = read_scorecard(f"name: c\ntitle: C\nsections: [{{name: s, title: S, items: [{item}]}}]")
    assert card is None
    assert [isinstance(problem, Problem) and problem.text.partition(": ")[2] for problem in problems] == [
        f"a scorecard does not see {term.partition(':')[0]}: want category, finding, measure, call"
    ]


@pytest.mark.parametrize("bounds", ["{below: -1.5}", "{at_least: 2}"])
def test_feelings_and_ratings_have_their_range(bounds: str) -> None:
    with pytest.raises(AlertsError, match=r"must lie in -1\.\.1"):
        in_alert(f"{{sentiment: {bounds}}}", CASE)
    with pytest.raises(AlertsError, match=r"must lie in 1\.\.5"):
        in_alert("{rating: {at_most: 6}}", CASE)


def test_schemas_show_the_words_of_today() -> None:
    alerts, scorecards, dictionary = (
        json.dumps(schema()) for schema in (alerts_schema, scorecard_schema, dictionary_schema)
    )
    for word in ("all", "any", "unless", "speaker", "first_seconds", "last_seconds"):
        assert all(f'"{word}":' in schema for schema in (alerts, scorecards, dictionary)), word
    for word in ("category", "finding", "measure", "call", "count", "longest", "lasts", "at_least", "below"):
        assert all(f'"{word}":' in schema for schema in (alerts, scorecards)), word
    for former in ("found", "absent", "Former"):
        assert not any(f'"{former}' in schema or f"/{former}" in schema for schema in (alerts, scorecards)), former
    assert "former" not in alerts.lower() + scorecards.lower()


def test_conditions_nested_without_end_are_refused() -> None:
    with pytest.raises(AlertsError, match="nested deeper"):
        in_alert("{any: [" * 30 + "{category: a}" + "]}" * 30, CASE)
