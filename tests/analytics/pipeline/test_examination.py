"""One order of stages for everybody who examines a transcript."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from analytics.dictionary import RuleSet, load_rule_set
from analytics.pipeline.examination import examine
from analytics.rerun.examining import unmeasured
from analytics.rules.rule_input import RuleInput
from analytics.rules.run import apply
from analytics.settings import AnalyticsSettings
from recordings.calls.facts import IMPORTED
from speech.settings import local_zone
from tests.analytics.talks import talk

pytestmark = pytest.mark.models

LATE = datetime(2026, 11, 24, 22, 30, tzinfo=UTC)
"""Already the 25th in Moscow."""


@pytest.fixture
def in_moscow(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as zone:
        zone.setenv("OTKLIK_TIME_ZONE", "Europe/Moscow")
        local_zone.cache_clear()
        yield
    local_zone.cache_clear()


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return load_rule_set(AnalyticsSettings().dictionaries_dir)


def heard(words: str) -> RuleInput:
    transcript = talk(words)
    call = replace(IMPORTED, started_at=LATE)
    return RuleInput(transcript=transcript, acoustics=unmeasured(transcript), meaning=None, call=call)


@pytest.mark.usefixtures("in_moscow")
def test_tomorrow_is_counted_from_the_day_of_the_company(rules: RuleSet) -> None:
    """The demo data counted from the day in UTC, workers and the command line from the day here."""
    made = examine(heard("a: перезвоним вам завтра"), rules, now=LATE)
    assert made.heard.meaning
    assert [promise.due for promise in made.heard.meaning.promises] == ["2026-11-26"]


def test_rules_look_at_the_words_as_they_were_said_and_at_the_meaning(rules: RuleSet) -> None:
    made = examine(heard("c: верните мне деньги\na: назовите номер карты\nc: 4111 1111 1111 1111"), rules, now=LATE)
    assert made.analysis == apply(made.heard, rules)
    assert "4111" in made.heard.transcript.utterances[2].text
    assert "4111" not in made.redaction.transcript.utterances[2].text


def test_a_meaning_that_is_there_is_not_made_again(rules: RuleSet) -> None:
    known = examine(heard("a: перезвоним вам завтра"), rules, now=LATE).heard
    again = examine(known, rules, now=LATE)
    assert again.heard is known
