"""Which alerts fire, what proves them, and what is said of a faulty file."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from analytics.alerts import DEFAULT, AlertsError, Case, raised, read_alerts
from recordings.calls.facts import CallFacts
from recordings.results.finding import Evidence, Finding, FindingKind, Measures
from speech.recognition.words import Speaker, Utterance

pytestmark = pytest.mark.unit

FACTS = CallFacts(contact_id="1", language="ru", imported=False, started_at=datetime(2026, 11, 1, tzinfo=UTC))


def rules(conditions: str, *, join: str = "all", more: str = "") -> str:
    return f"alerts:\n- name: one\n  title: {{ru: Один, en: One}}\n  {join}:\n{conditions}\n{more}"


def said(*lines: tuple[Speaker, str]) -> tuple[Utterance, ...]:
    return tuple(
        Utterance(speaker=who, start=5.0 * n, end=5.0 * n + 3, text=text) for n, (who, text) in enumerate(lines)
    )


def fires(text: str, case: Case) -> Evidence | bool:
    found = raised(read_alerts(text), case)
    return (found[0].evidence or True) if found else False


def test_a_word_in_any_form_said_by_the_caller() -> None:
    court = rules("  - {said: {ru: [подать в суд]}, speaker: caller}")
    angry = said((Speaker.AGENT, "не надо подавать в суд"), (Speaker.CALLER, "я подам в суд на вас"))
    assert fires(court, Case(facts=FACTS, when="finished", said=angry)) == Evidence(
        start=5, end=8, quote="я подам в суд на вас"
    )
    assert not fires(court, Case(facts=FACTS, when="finished", said=angry[:1]))


def test_an_unhappy_vip_is_both() -> None:
    both = rules("  - {sentiment: {below: -0.3}, speaker: caller}\n  - segment: [VIP]")
    lines = said((Speaker.CALLER, "это просто ужас какой-то"), (Speaker.CALLER, "я жду третий день"))
    vip = CallFacts(contact_id="1", language="ru", segment="vip", imported=False)
    proof = fires(both, Case(facts=vip, when="finished", said=lines, sentiments=(-0.9, -0.2)))
    assert proof == Evidence(start=0, end=3, quote="это просто ужас какой-то")
    assert not fires(both, Case(facts=FACTS, when="finished", said=lines, sentiments=(-0.9, -0.2)))
    assert not fires(both, Case(facts=vip, when="finished", said=lines, sentiments=(0.5, -0.2)))
    assert not fires(both, Case(facts=vip, when="finished", said=said((Speaker.CALLER, "ужас")), sentiments=(-0.9,)))


def test_silence_of_a_live_call_and_of_a_finished_one() -> None:
    silence = rules("  - silence: 60")
    assert fires(silence, Case(facts=FACTS, when="live", quiet_since=(10, 71))) == Evidence(start=10, end=71)
    assert not fires(silence, Case(facts=FACTS, when="live", quiet_since=(10, 69)))
    quiet = Finding(
        kind=FindingKind.SILENCE, label="silence", speaker=Speaker.UNKNOWN, evidence=Evidence(start=3, end=70)
    )
    assert fires(silence, Case(facts=FACTS, when="finished", findings=(quiet,))) == quiet.evidence
    held = Finding(kind=FindingKind.SILENCE, label="hold", speaker=Speaker.UNKNOWN, evidence=quiet.evidence)
    assert not fires(silence, Case(facts=FACTS, when="finished", findings=(held,)))


def test_a_category_holds_what_is_below_it() -> None:
    threats = rules("  - category: threats")
    found = Finding(
        kind=FindingKind.KEYWORD,
        label="threats/court",
        speaker=Speaker.CALLER,
        evidence=Evidence(start=1, end=2, quote="в суд"),
    )
    assert fires(threats, Case(facts=FACTS, when="finished", findings=(found,))) == found.evidence
    assert not fires(rules("  - category: threat"), Case(facts=FACTS, when="finished", findings=(found,)))


def test_any_of_several_and_figures_of_the_call() -> None:
    some = rules("  - {measure: {name: silence_share, above: 0.5}}\n  - {outcome: [abandoned]}", join="any")
    quiet = Measures(duration=60, silence_share=0.6)
    assert fires(some, Case(facts=FACTS, when="finished", measures=quiet)) is True
    left = CallFacts(contact_id="1", language="ru", outcome="abandoned", imported=False)
    assert fires(some, Case(facts=left, when="finished", measures=Measures(duration=60))) is True
    assert not fires(some, Case(facts=FACTS, when="finished", measures=Measures(duration=60)))


def test_a_rule_for_live_calls_keeps_quiet_afterwards() -> None:
    live = rules("  - silence: 60", more="  when: live\n")
    assert fires(live, Case(facts=FACTS, when="live", quiet_since=(0, 100)))
    assert not fires(live, Case(facts=FACTS, when="finished", quiet_since=(0, 100)))


def test_a_rating_at_most() -> None:
    bad = rules("  - rating: 2")
    assert [bool(fires(bad, Case(facts=FACTS, when="finished", rating=n))) for n in (1, 2, 3)] == [True, True, False]
    assert not fires(bad, Case(facts=FACTS, when="finished"))


def test_the_packaged_alerts_are_in_order() -> None:
    assert {"court", "unhappy_vip", "long_silence", "bad_rating"} <= {
        rule.name for rule in read_alerts(DEFAULT.read_text("utf-8")).rules
    }


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, "empty"),
        ("alerts: [", 1, "not YAML"),
        ("alerts:\n- name: x\n  title: {ru: а}\n", 2, "want a condition"),
        (rules("  - silense: 5"), 5, "silense"),
        (rules("  - silence: 5\n    rating: 2"), 5, "exactly one"),
        (rules("  - {measure: {name: beauty, above: 1}}"), 5, "no figure is called 'beauty'"),
        (rules("  - {sentiment: {}}"), 5, "below or above"),
        (rules("  - rating: 2", more="  send: {webhook: [file:///etc/passwd]}"), 6, "https://host/path"),
        (rules("  - rating: 2", more="  send: {mail: [nobody]}"), 6, "mail"),
        (rules("  - rating: 2") + rules("  - rating: 1").removeprefix("alerts:\n"), 1, "two alerts are called 'one'"),
    ],
)
def test_faults_are_told_by_line(text: str, line: int, words: str) -> None:
    with pytest.raises(AlertsError) as caught:
        read_alerts(text)
    problem = caught.value.problems[0]
    assert words in problem.text
    assert problem.line == line
