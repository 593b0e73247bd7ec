"""Whoever writes dictionaries, alerts and scorecards cannot ask by them for what redaction hides.

Two calls that differ in nothing but hidden digits and names: no phrase, and no loop of phrases, tells them apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from sqlalchemy import Engine

from analytics.alerts import Case, raised, read_alerts
from analytics.alerts.alerting import case_of
from analytics.dictionary import RuleSet, read_rule_set
from analytics.pipeline.redacting import redact_archive
from analytics.quality.scorecard import score
from analytics.quality.scorecard_file import read_scorecard
from analytics.rerun.examining import examine
from analytics.rerun.trial import dry_run, try_rules
from analytics.rules.rule_input import RuleInput
from analytics.rules.run import apply
from recordings.calls.bulk_read import insert_analyses
from recordings.calls.live import LiveCall
from recordings.contacts.call import Turn
from recordings.database import connect, reading, transaction
from recordings.redaction.redaction import redact_transcript
from recordings.results import results
from recordings.rules.rule_changes import findings_of
from recordings.tables import RecordingRow, Table
from speech.recognition.words import Speaker
from tests.analytics.conversation import conversation

pytestmark = pytest.mark.unit

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
ASKED = {"ru": "скажите ваш номер телефона", "en": "tell me your phone number please"}
SAID = {
    "ru": (
        "мой телефон восемь девять один шесть два три четыре пять шесть семь восемь меня зовут Иван Петров спасибо",
        "мой телефон восемь девять два пять семь один девять ноль три четыре шесть меня зовут Олег Орлов спасибо",
    ),
    "en": (
        "my phone is two zero two five five five zero one four three my name is John Miller thank you",
        "my phone is two one two five five five nine eight six seven my name is Peter Baker thank you",
    ),
}
"""Language → two callers who say the same but for what is hidden."""
SEEN = {"ru": "спасибо", "en": "thank you"}
PLACEHOLDERS = {"ru": ("телефон", "имя"), "en": ("phone", "name")}
LANGUAGES = tuple(SAID)


def call(language: str, which: int, *, timed: bool = True) -> RuleInput:
    heard = conversation(
        (Speaker.AGENT, 1, 4, ASKED[language]),
        (Speaker.CALLER, 5, 20, SAID[language][which]),
        duration=25,
        language=language,
    )
    if timed:
        return replace(heard, call=replace(heard.call, language=language))
    bare = tuple(replace(said, words=()) for said in heard.transcript.utterances)
    return replace(heard, transcript=replace(heard.transcript, utterances=bare))


def hidden(language: str) -> list[str]:
    """Words of either caller that the other has not said in the same place: what an attacker is after."""
    one, other = (said.split() for said in SAID[language])
    return [word for pair in zip(one, other, strict=True) if pair[0] != pair[1] for word in pair]


def phrases(language: str) -> list[str]:
    """Each word, and each two and three of them in a row."""
    words = [said.split() for said in SAID[language]]
    rows = [" ".join(said[at : at + size]) for said in words for size in (2, 3) for at in range(len(said) - size + 1)]
    return list(dict.fromkeys([*(word for said in words for word in said), *rows]))


def dictionary(language: str) -> RuleSet:
    """A category for each phrase: as it is, with words between, fuzzily, beside what is seen, and where it lacks."""
    seen = {"phrases": [SEEN[language]]}
    files: dict[str, dict[str, object]] = {"seen": {"seen": [SEEN[language]]}}
    ways: dict[str, Callable[[str], object]] = {
        "said": lambda phrase: [phrase],
        "wide": lambda phrase: {"within": 20, "phrases": [phrase]},
        "far": lambda phrase: {"within": 20, "phrases": [f"{phrase} {SEEN[language]}"]},
        "fuzzy": lambda phrase: {"fuzzy": 0.7, "phrases": [phrase]},
        "both": lambda phrase: {"all": [seen, {"phrases": [phrase]}]},
        "lacks": lambda phrase: {"all": [seen], "unless": [{"phrases": [phrase]}]},
    }
    for way, category in ways.items():
        files[way] = {f"{way} {number}": category(phrase) for number, phrase in enumerate(phrases(language))}
    return read_rule_set({f"{language}/{way}.yaml": written(file) for way, file in files.items()})


def written(values: object) -> str:
    text: str = yaml.safe_dump(values, allow_unicode=True)
    return text


@pytest.mark.parametrize("timed", [True, False])
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_phrase_of_a_dictionary_tells_them_apart(language: str, timed: bool) -> None:
    """Failed before: each hit was a hidden word."""
    one, other = (call(language, which, timed=timed) for which in (0, 1))
    assert redact_transcript(one.transcript).transcript == redact_transcript(other.transcript).transcript
    rules = dictionary(language)
    found = apply(one, rules)
    assert found == apply(other, rules)
    assert "seen" in {finding.label for finding in found.findings}
    quotes = " ".join(finding.evidence.quote for finding in found.findings).split()
    assert not set(quotes) & {word for word in hidden(language) if word not in ASKED[language]}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_placeholder_is_no_word_of_the_call(language: str) -> None:
    heard = call(language, 0)
    text = written({name: [name] for name in PLACEHOLDERS[language]})
    found = apply(heard, read_rule_set({f"{language}/a.yaml": text})).findings
    said = f"{ASKED[language]} {SAID[language][0]}".split()
    forms = {"телефона": "телефон"}
    wanted = sorted(forms.get(word, word) for word in said if forms.get(word, word) in PLACEHOLDERS[language])
    assert sorted(finding.label for finding in found if finding.kind == "keyword") == wanted


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_phrase_of_an_alert_tells_them_apart(language: str) -> None:
    """Failed before, in live calls and in finished ones."""
    asked = [*phrases(language), *PLACEHOLDERS[language]]
    rules = read_alerts(
        written(
            {
                "alerts": [
                    {"name": f"a{number}", "title": {language: "t"}, "all": [{"said": {language: [phrase]}}]}
                    for number, phrase in enumerate(asked)
                ]
            }
        )
    )
    live, finished = [], []
    for which in (0, 1):
        heard = call(language, which)
        turns = tuple(
            Turn(speaker=said.speaker, node="n", start=said.start, end=said.end, text=said.text, words=said.words)
            for said in heard.transcript.utterances
        )
        live.append(raised(rules, case_of(LiveCall(facts=heard.call, turns=turns, lasts=25))))
        case = Case(facts=heard.call, when="finished", said=heard.readable.utterances)
        finished.append(raised(rules, case))
    assert live[0] == live[1]
    assert finished[0] == finished[1]
    fired = {asked[int(one.rule.name[1:])] for one in live[0]}
    assert SEEN[language].split()[0] in fired
    assert not fired & set(hidden(language)) - set(SEEN[language].split())


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_item_of_a_scorecard_tells_them_apart(language: str) -> None:
    rules = dictionary(language)
    labels = [category.label for lexicon in rules.by_language.values() for category in lexicon.categories][:100]
    items = [
        {"name": f"i{n}", "title": "t", "weight": 1, "rule": {"category": label}} for n, label in enumerate(labels)
    ]
    sections = [{"name": "s", "title": "s", "items": items}]
    text = written({"name": "c", "title": "c", "language": language, "sections": sections})
    card, problems = read_scorecard(text)
    assert card, problems
    scores = []
    for which in (0, 1):
        heard = call(language, which)
        found = apply(heard, rules)
        scores.append(score(card, found.measures, found.findings, heard.call))
    assert scores[0] == scores[1]
    assert scores[0].answers


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Engine]:
    engine = connect(f"sqlite:///{tmp_path / 'otklik.db'}")
    Table.metadata.create_all(engine)
    with transaction(engine) as db:
        for language in LANGUAGES:
            for which in (0, 1):
                name = f"{language}-{which}"
                db.add(
                    RecordingRow(
                        id=name, sha256=name, key=name, filename=f"{name}.wav", language=language, duration=25.0,
                        rate=8000, channels=2, size=1, created_at=NOW, state="t", due_at=NOW,
                    )
                )  # fmt: skip
                db.flush()
                results.insert_transcript_once(db, name, call(language, which).transcript)
    yield engine
    engine.dispose()


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_found_before_it_was_hidden_is_forgotten_when_it_is(database: Engine, language: str) -> None:
    """Failed before: newer rules of redaction hid the words and left what dictionaries had found in them."""
    rules, name = dictionary(language), f"{language}-0"
    bare = call(language, 0)
    asked = apply(replace(bare, redacted=bare.transcript), rules)  # as when nothing of it was hidden yet
    with reading(database) as db:
        best = results.best_transcript(db, name)
    assert best
    with transaction(database) as db:
        results.insert_analysis_once(
            db, recording_id=name, transcript_id=best[0], rule_set=rules.version, measures=asked.measures,
            findings=asked.findings,
        )  # fmt: skip
    redact_archive(database)
    with reading(database) as db:
        left = [one for one in findings_of(db, rules.version, [name])[name] if one.kind == "keyword"]
    assert "seen" in {one.label for one in left}
    quoted = {word for one in left for word in one.evidence.quote.split()}
    secrets = {word for word in hidden(language) if word not in ASKED[language]}
    assert not quoted & secrets, quoted


@pytest.mark.parametrize("redacted", [False, True])
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_trial_and_no_run_over_the_archive_tells_them_apart(database: Engine, language: str, redacted: bool) -> None:
    """Failed before: a draft tried on the newest calls answered every question at once, and nobody was told."""
    if redacted:
        redact_archive(database)
    rules, alike = dictionary(language), {f"{language}-0", f"{language}-1"}
    trial = try_rules(database, rules)
    for label in trial.labels:
        assert label.calls in (0, 2), label
        assert {example.contact_id for example, _ in label.hits} in (set(), alike), label
    assert sum(label.calls for label in trial.labels) > 2
    changed = dry_run(database, rules, against="nothing", since=None, processes=1)
    assert {change.after for change in changed.changes if change.kind == "keyword"} <= {0, 2}
    made = examine(database, sorted(alike), rules)
    with transaction(database) as db:
        insert_analyses(db, made.analyses, made.findings)
    with reading(database) as db:
        found = findings_of(db, rules.version, sorted(alike))
    one, other = (found[name] for name in sorted(alike))
    assert [*one] == [*other]
    assert one
