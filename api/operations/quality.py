"""What people are judged by: scorecards in force, names of agents, appeals made and settled."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Engine

from analytics.quality.scorecard_file import read_scorecard
from analytics.quality.scorecard_value import Scorecard
from analytics.quality.scoring import add_card
from recordings.database import transaction
from recordings.privacy import audit
from recordings.quality import agents, evaluations, scorecards
from recordings.quality.agents import Agent
from recordings.quality.evaluation import Answer
from speech.yaml_source import Problem


def put_scorecards_in_force(
    engine: Engine, texts: Mapping[str, str], *, by: str
) -> tuple[list[Scorecard], list[Problem]]:
    """Make each text, by the name of its file, the running version of its scorecard.

    With a problem in any of them nothing changes: the running versions stay.
    """
    if problems := [problem for file, text in texts.items() for problem in read_scorecard(text, file)[1]]:
        return [], problems
    cards = []
    with transaction(engine) as db:
        for file, text in texts.items():
            card, _ = add_card(db, text, file=file, by=by)
            if card:
                cards.append(card)
                audit.note(db, by, "scorecard.activated", card.version, {"name": card.name})
    return cards, []


def retire_scorecard(engine: Engine, name: str, *, by: str) -> bool:
    """Score by it no more; open drafts keep their version. False when no such scorecard is in force."""
    with transaction(engine) as db:
        retired = scorecards.retire_scorecard(db, name)
        if retired:
            audit.note(db, by, "scorecard.retired", name)
    return retired


def name_agent(engine: Engine, endpoint: str, *, name: str, team: str, by: str) -> Agent:
    """Name who answers an endpoint.

    Raises:
        ValueError: the endpoint or the name is none.
    """
    with transaction(engine) as db:
        agent = agents.set_agent(db, endpoint, name=name, team=team)
        audit.note(db, by, "agent.named", agent.endpoint, {"name": agent.name, "team": agent.team})
    return agent


def appeal(engine: Engine, evaluation_id: str, words: str, *, by: str) -> bool:
    """The agent of the call appeals against an evaluation in words; False when it is not submitted any more."""
    with transaction(engine) as db:
        kept = evaluations.appeal(db, evaluation_id, words)
        if kept:
            audit.note(db, by, "evaluation.appealed", evaluation_id)
    return kept


def settle_appeal(
    engine: Engine, evaluation_id: str, *, answers: Mapping[str, Answer], score: float | None, decision: str, by: str
) -> bool:
    """Decide an appeal in words, with the answers that count from now on; False when nobody appeals any more.

    Raises:
        PermissionError: the evaluation is of whoever would decide.
    """
    with transaction(engine) as db:
        found = evaluations.find_evaluation(db, evaluation_id)
        if found is not None and found.evaluator == by:
            raise PermissionError(f"{by} made this evaluation: somebody else settles the appeal")
        kept = evaluations.settle(db, evaluation_id, answers=answers, score=score, decision=decision, by=by)
        if kept:
            audit.note(db, by, "evaluation.settled", evaluation_id, {"score": score})
    return kept
