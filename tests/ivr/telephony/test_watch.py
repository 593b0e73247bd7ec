"""What a watch does about callers whose robot is gone, and what it leaves alone."""

from __future__ import annotations

from typing import Any

import pytest

from ivr.telephony.watch import Board, Drop, Move, plan

pytestmark = pytest.mark.unit

CALL = "otklik-1763800000.7"


def channel(ident: str, *, app: str = "otklik", name: str = "Stasis") -> dict[str, Any]:
    dialplan = {"context": "callers", "exten": "1000", "app_name": name, "app_data": f"{app},1000"}
    return {"id": ident, "dialplan": dialplan}


def board(*channels: dict[str, Any], **bridges: list[str]) -> Board:
    return Board(channels=channels, bridges={f"{kind}-{CALL}": parties for kind, parties in bridges.items()})


OURS = [channel(f"{kind}-{CALL}") for kind in ("media", "snoop-in", "snoop-out")]
AGENT = channel(f"agent-{CALL}-12")
MOVED = Move(call=CALL, context="callers", extension="1000")


def holds(*living: str) -> Any:
    return lambda app, _call: app in living


def paths(steps: list[Move | Drop]) -> set[str]:
    return {step.path for step in steps if isinstance(step, Drop)}


@pytest.mark.parametrize(("app", "living"), [("otklik", "otklik"), ("otklik-2", "otklik-2")])
def test_calls_of_robots_that_live_are_theirs(app: str, living: str) -> None:
    steps = plan(board(channel(CALL, app=app), *OURS, AGENT, robot=[CALL], hold=[]), "otklik", holds(living))
    assert steps == []


@pytest.mark.parametrize("app", ["otklik", "otklik-8"])
def test_a_dead_robots_caller_is_moved_and_its_recording_goes_on(app: str) -> None:
    steps = plan(board(channel(CALL, app=app), *OURS, AGENT, robot=[CALL], hold=[]), "otklik", holds("otklik-2"))
    assert steps[0] == MOVED
    assert paths(steps) == {
        f"channels/media-{CALL}",
        f"channels/agent-{CALL}-12",
        f"bridges/robot-{CALL}",
        f"bridges/hold-{CALL}",
    }


def test_two_people_talk_on() -> None:
    talking = board(channel(CALL), *OURS, AGENT, robot=[], talk=[CALL, AGENT["id"]])
    assert plan(talking, "otklik", holds()) == []


def test_who_is_left_alone_is_not_left_waiting() -> None:
    alone = board(channel(CALL), talk=[CALL])
    assert plan(alone, "otklik", holds())[0] == MOVED  # hung up instead, where nothing is left to be said


def test_a_person_whose_caller_is_gone_is_let_go() -> None:
    assert paths(plan(board(*OURS, AGENT, talk=[AGENT["id"]]), "otklik", holds("otklik"))) == {
        *(f"channels/{one['id']}" for one in [*OURS, AGENT]),
        f"bridges/talk-{CALL}",
    }


def test_a_caller_with_a_person_by_the_dialplan_stays_there_recorded() -> None:
    steps = plan(board(channel(CALL, name="Dial"), *OURS, robot=[]), "otklik", holds("otklik"))
    assert [step for step in steps if isinstance(step, Move)] == []
    assert paths(steps) == {f"channels/media-{CALL}", f"bridges/robot-{CALL}"}


@pytest.mark.parametrize("app", ["survey", "otklik-9", "otklik-x", "otkliker"])
def test_other_programs_calls_are_none_of_ours(app: str) -> None:
    assert plan(board(channel(CALL, app=app)), "otklik", holds()) == []
