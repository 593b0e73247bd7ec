"""What callers ask that no intent knows: planted themes are found, named, joined later and not proposed twice."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from sqlalchemy import Engine, select

from analytics.learning.topics import FEWEST, propose, search
from analytics.leases.job import JobLease
from recordings.calls.meanings import insert_meaning_once
from recordings.database import reading, transaction
from recordings.learning import samples, topics
from recordings.learning.topics import Centre, Question, TopicState
from recordings.results.finding import Evidence
from recordings.results.meaning import CallMeaning
from recordings.tables import RecordingRow, TopicCallRow, TopicRow, TranscriptRow

pytestmark = pytest.mark.services

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def themes(language: str) -> list[tuple[str, str]]:
    """Theme and what a caller says; ``-`` is no theme."""
    rows = (Path(__file__).parents[1] / f"themes.{language}.txt").read_text("utf-8").splitlines()
    return [(theme, text) for theme, _, text in (row.partition(" | ") for row in rows if row[:1] not in ("", "#"))]


def question(number: int, theme: str, text: str) -> Question:
    return Question(recording_id=f"{number:03}-{theme}", at=NOW, evidence=Evidence(start=5.0, end=8.0, quote=text))


def theme_of(asked: Question) -> str:
    return asked.recording_id.partition("-")[2]


def shuffled(language: str) -> list[Question]:
    rows = themes(language)
    random.Random(3).shuffle(rows)
    return [question(number, *row) for number, row in enumerate(rows)]


@pytest.mark.parametrize("language", ["ru", "en"])
def test_planted_themes_are_found(language: str) -> None:
    attached, found = search(shuffled(language), [], language)
    assert attached == []
    held = [Counter(theme_of(one.question) for one in proposal.members) for proposal in found]
    assert {counts.most_common(1)[0][0] for counts in held} == {"balloons", "bonus", "job", "wedding", "app"}
    together = sum(sum(counts.values()) for counts in held)
    right = sum(counts.most_common(1)[0][1] for counts in held)
    assert right >= 0.85 * together
    assert right >= 0.8 * 40


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("ru", {"balloons": "шар", "bonus": "балл", "app": "приложени", "wedding": "свадьб", "job": "работ"}),
        ("en", {"balloons": "balloon", "bonus": "points", "app": "app", "wedding": "wedding", "job": "job"}),
    ],
)
def test_topics_are_named_by_their_telling_words(language: str, words: dict[str, str]) -> None:
    _, found = search(shuffled(language), [], language)
    for proposal in found:
        theme = Counter(theme_of(one.question) for one in proposal.members).most_common(1)[0][0]
        assert words[theme] in proposal.name.lower()


def test_the_same_questions_in_another_order_make_the_same_topics() -> None:
    asked = shuffled("ru")
    assert search(asked, [], "ru") == search(asked[::-1], [], "ru")


LATER = {
    "ru": {
        "balloons": ["привезите ещё связку шаров с гелием", "а шарики к розам можно заказать"],
        "bonus": ["пропали бонусы с моей карты", "как списать баллы"],
        "app": ["приложение пишет ошибку и закрывается", "не получается войти в приложение"],
        "wedding": ["посчитайте цветы на нашу свадьбу", "нужен букет для невесты"],
        "-": ["какой сегодня курс доллара", "у меня сломался холодильник"],
    },
    "en": {
        "balloons": ["could you send a bunch of helium balloons", "i also want balloons with the roses"],
        "bonus": ["the points are gone from my loyalty card", "how can i use my bonus points"],
        "app": ["the app shows an error and closes", "i can't get into your mobile app"],
        "wedding": ["we need a quote for wedding flowers", "a bouquet for the bride please"],
        "-": ["what is the exchange rate today", "my fridge is broken"],
    },
}


@pytest.mark.parametrize("language", ["ru", "en"])
def test_later_questions_join_the_topics_there_are(language: str) -> None:
    _, found = search(shuffled(language), [], language)
    known = [
        Centre(
            topic_id=Counter(theme_of(one.question) for one in proposal.members).most_common(1)[0][0],
            state=TopicState.DISMISSED,
            vector=proposal.centre,
        )
        for proposal in found
    ]
    said = [(theme, text) for theme, texts in LATER[language].items() for text in texts]
    attached, proposed = search([question(number, *row) for number, row in enumerate(said)], known, language)
    assert proposed == []
    assert all(theme_of(one.question) == topic for topic, one in attached)
    assert len(attached) >= 7


def test_few_questions_and_questions_without_words_make_no_topic() -> None:
    few = [question(number, "x", "вы надуваете шары гелием") for number in range(FEWEST - 1)]
    assert search(few, [], "ru") == ([], [])
    assert search([question(number, "x", "да здравствуйте [телефон]") for number in range(9)], [], "ru") == ([], [])
    assert search([], [], "ru") == ([], [])


def add_call(
    engine: Engine, name: str, text: str, *, language: str = "ru", reason: str = "", at: datetime | None = None
) -> None:
    """An imported recording with its transcript and meaning."""
    when = at or datetime.now(UTC) - timedelta(days=1)
    with transaction(engine) as db:
        db.add(
            RecordingRow(
                id=name,
                sha256=f"{name:0>64}",
                key=name,
                filename=name,
                language=language,
                duration=9,
                rate=8000,
                channels=2,
                size=1,
                created_at=when,
                state="analysed",
                due_at=when,
            )
        )
        db.flush()
        db.add(
            TranscriptRow(
                id=f"t-{name}", recording_id=name, engine="test", language=language, body={}, text=text, created_at=when
            )
        )
        db.flush()
        proof = Evidence(start=5.0, end=8.0, quote=text)
        meaning = CallMeaning(version="v1", reason=reason, reason_evidence=proof)
        insert_meaning_once(db, recording_id=name, transcript_id=f"t-{name}", meaning=meaning)


def run(engine: Engine, **parameters: Any) -> dict[str, Any]:
    """The job, without a queue."""
    job = SimpleNamespace(parameters=parameters, cursor="", result={})
    work = SimpleNamespace(dependencies=SimpleNamespace(engine=engine), job=job, advance=lambda **_: None)
    return dict(propose(cast(JobLease, work)))


def plant(engine: Engine, theme: str, count: int, *, first: int = 0) -> None:
    said = [text for name, text in themes("ru") if name == theme]
    for number in range(first, first + count):
        add_call(engine, f"{theme}-{number}", said[number % len(said)])


def shown(engine: Engine) -> list[topics.Topic]:
    with reading(engine) as db:
        return topics.list_topics(db, since=datetime.now(UTC) - timedelta(days=28), until=datetime.now(UTC))


def test_a_search_proposes_and_a_person_decides(database: Engine) -> None:
    plant(database, "balloons", 6)
    plant(database, "app", 5)
    add_call(database, "known", "где мой заказ", reason="order_status")
    assert run(database) == {"ru": {"questions": 11, "attached": 0, "topics": 2, "calls": 11}}
    first, second = shown(database)
    assert ("шар" in first.name.lower(), first.calls, first.state) == (True, 6, "proposed")
    assert first.change == 6
    assert sum(calls for _, calls in first.weeks) == 6
    assert (first.examples[0].evidence.start, first.examples[0].contact[:9]) == (5.0, "balloons-")

    with transaction(database) as db:
        assert topics.rename_topic(db, first.id, "Шары к букету")
        assert topics.settle_topic(db, first.id, TopicState.ACCEPTED, by="olga")
        assert topics.settle_topic(db, second.id, TopicState.DISMISSED, by="olga")
        assert not topics.rename_topic(db, "unknown", "x")
    assert run(database)["ru"]["questions"] == 0
    plant(database, "balloons", 2, first=6)
    plant(database, "app", 3, first=5)
    again = run(database)["ru"]
    assert (again["questions"], again["topics"]) == (5, 0)
    assert again["attached"] >= 4
    (accepted,) = shown(database)
    assert (accepted.name, accepted.state, accepted.decided_by) == ("Шары к букету", "accepted", "olga")
    assert accepted.calls >= 7


def test_two_searches_at_once_take_no_call_twice(database: Engine) -> None:
    plant(database, "balloons", 6)
    with reading(database) as db:
        questions = topics.unknown_questions(db, "ru", since=NOW - timedelta(days=365), limit=100)
    _, proposals = search(questions, [], "ru")
    with transaction(database) as db:
        assert topics.keep_found(db, "ru", attached=[], proposals=proposals)[1] == 1
    with transaction(database) as db:
        assert topics.keep_found(db, "ru", attached=[], proposals=proposals) == (0, 0, 0)
    with reading(database) as db:
        assert len(db.scalars(select(TopicRow.id)).all()) == 1
        assert len(db.scalars(select(TopicCallRow.recording_id)).all()) == 6


def test_old_calls_are_not_looked_through_and_weeks_are_counted(database: Engine) -> None:
    said = [text for name, text in themes("ru") if name == "bonus"]
    for number, text in enumerate(said[:6]):
        add_call(database, f"bonus-{number}", text, at=datetime.now(UTC) - timedelta(days=1 + 8 * (number % 2)))
    add_call(database, "old", said[6], at=datetime.now(UTC) - timedelta(days=300))
    found = run(database, language="ru", days=60)["ru"]
    assert (found["questions"], found["topics"]) == (6, 1)
    (topic,) = shown(database)
    assert sum(calls for _, calls in topic.weeks) == topic.calls == found["calls"]
    assert len(topic.weeks) >= 4
    assert abs(topic.change) <= 1


def test_phrases_of_an_accepted_topic_become_samples(database: Engine) -> None:
    said = [
        ("c1", "вы надуваете шары гелием"),
        ("c2", "мой телефон [телефон] шары"),
        ("c3", "шары"),
        ("c1", "вы надуваете шары гелием"),
    ]
    with transaction(database) as db:
        assert samples.add_topic(db, "ru", said, name="Шары", intent=None, by="olga") == 1
        (candidate,) = samples.candidates(db, "ru")
        assert (candidate.guess, candidate.reason, candidate.contact) == ("Шары", "topic", "c1")
        more = [("c4", "можно добавить шарики к букету")]
        assert samples.add_topic(db, "ru", more, name="Шары", intent="balloons", by="olga") == 1
        assert [(one.text, one.intent) for one in samples.labelled(db, "ru")] == [(more[0][1], "balloons")]
