"""Every simulated caller, in writing; and that what holds the conversations can tell a good one from a bad one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ivr.dialog.nodes import Scenario
from ivr.errors import ConversationError
from ivr.faq.search import Knowledge
from ivr.scenario.scenario import load
from ivr.simulation.conversation_file import Conversation, Turn, read_all
from ivr.simulation.conversations import Held, hold
from ivr.simulation.figures import figures
from ivr.simulation.shop import ARTICLES, clock
from ivr.understanding.intent_model import understanding
from ivr.understanding.understanding import Understanding
from recordings.database import connect, migrate

pytestmark = pytest.mark.models  # the intent model is learned with sentence vectors

FOLDER = Path(__file__).parents[2] / "conversations"
SCENARIOS = Path(__file__).parents[3] / "ivr" / "scenarios"
CONVERSATIONS = read_all([FOLDER])
FEWEST = 60
"""Conversations of each language."""
JOBS = ("order", "product", "booking", "faq", "ticket")
WAYS = ("routine", "person", "correction", "digression", "silence", "noise", "anger", "wrong_number", "hang_up", "odd")


@pytest.fixture(scope="module")
def outbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    address = f"sqlite:///{tmp_path_factory.mktemp('outbox')}/outbox.db"
    migrate(address)
    engine = connect(address)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def scenarios() -> dict[str, Scenario]:
    return {language: load(SCENARIOS / f"support.{language}.yaml") for language in ("ru", "en")}


@pytest.fixture(scope="module")
def minds(scenarios: dict[str, Scenario]) -> dict[str, Understanding]:
    return {language: understanding(scenario) for language, scenario in scenarios.items()}


@pytest.fixture(scope="module")
def hold_one(
    scenarios: dict[str, Scenario], minds: dict[str, Understanding], outbox: Engine
) -> Callable[[Conversation], Held]:
    knowledge = Knowledge.load(ARTICLES)

    def held(conversation: Conversation) -> Held:
        mind = replace(minds[conversation.language], now=clock(conversation))
        return hold(scenarios[conversation.language], conversation, mind, knowledge=knowledge, outbox=outbox)

    return held


def _named(name: str) -> Conversation:
    return next(one for one in CONVERSATIONS if one.name == name)


@pytest.mark.parametrize(
    "conversation", CONVERSATIONS, ids=[f"{one.language}-{one.file.stem}-{one.name}" for one in CONVERSATIONS]
)
def test_conversation(
    conversation: Conversation, hold_one: Callable[[Conversation], Held], request: pytest.FixtureRequest
) -> None:
    if conversation.weak:
        request.applymarker(pytest.mark.xfail(reason=conversation.weak, strict=False))
    held = hold_one(conversation)
    words = "\n".join(f"{who}: {text[:300]}" for who, text in held.exchange)
    assert not held.differences, "\n".join(held.differences) + "\n" + words
    assert not held.loops, words


@pytest.mark.parametrize("language", ["ru", "en"])
def test_there_are_conversations_of_every_sort(language: str) -> None:
    ours = [one for one in CONVERSATIONS if one.language == language]
    assert len(ours) >= FEWEST
    tags = {tag for one in ours for tag in one.tags}
    assert tags >= {*JOBS, *WAYS, "broken", "smoke"}
    assert len({(one.file, one.name) for one in ours}) == len(ours)


@pytest.mark.parametrize("language", ["ru", "en"])
def test_callers_do_not_copy_what_the_robot_was_taught(language: str, scenarios: dict[str, Scenario]) -> None:
    """They measure understanding: nearly all opening words must be new to the model."""
    taught = {
        " ".join("".join(char if char.isalnum() else " " for char in example.lower()).split())
        for intent in scenarios[language].intents.values()
        for example in intent.examples
    }
    said = [
        " ".join("".join(char if char.isalnum() else " " for char in turn.hear.lower()).split())
        for one in CONVERSATIONS
        if one.language == language
        for turn in one.turns[:1]
        if turn.hear
    ]
    copied = [text for text in said if text in taught]
    assert len(copied) <= 0.15 * len(said), copied


def test_a_wrong_expectation_is_told_with_its_line(hold_one: Callable[[Conversation], Held]) -> None:
    good = _named("pavel_hears_at_once")
    first = good.turns[0]
    held = hold_one(replace(good, turns=(replace(first, expect=("goodbye",)), *good.turns[1:])))
    (difference,) = held.differences
    assert difference.startswith(f"{good.file}:{first.line}: ")
    assert "want goodbye" in difference


def test_wrong_facts_and_outcomes_are_told(hold_one: Callable[[Conversation], Held]) -> None:
    good = _named("pavel_hears_at_once")
    held = hold_one(replace(good, facts={"order.number": "1111"}, outcome=None))
    assert any("want order.number '1111'" in difference for difference in held.differences)


def test_a_robot_that_repeats_itself_is_caught(hold_one: Callable[[Conversation], Held]) -> None:
    talk = _named("pavel_hears_at_once")
    repeat = Turn(line=1, hear="повторите, пожалуйста")
    held = hold_one(replace(talk, turns=(talk.turns[0], repeat, repeat, repeat, repeat), outcome=None))
    assert held.loops


def test_turns_until_a_person_is_reached_are_counted(hold_one: Callable[[Conversation], Held]) -> None:
    talk = _named("at_order_number")
    assert hold_one(talk).person_turns == 1
    never = replace(talk, turns=(replace(talk.turns[0], wants_person=True),), outcome=None)
    assert hold_one(never).person_turns == 0
    assert figures([hold_one(never)]).reached_percent == 0


def test_a_conversation_settled_by_a_person_is_not_settled_by_the_robot(
    hold_one: Callable[[Conversation], Held],
) -> None:
    held = hold_one(_named("after_answer"))
    assert held.to_person
    assert not held.settled


def test_a_broken_file_is_refused_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "broken.yaml"
    file.write_text(
        "language: ru\nnow: 2026-11-24T10:00\nconversations:\n  - name: one\n    tags: [order]\n    turns:\n"
        "      - {hear: да, press: '1'}\n"
    )
    with pytest.raises(ConversationError, match=r"broken\.yaml:7: .*one of hear, press"):
        read_all([file])
    file.write_text("language: ru\nnow: [")
    with pytest.raises(ConversationError, match=r"broken\.yaml:\d+: not YAML"):
        read_all([file])
