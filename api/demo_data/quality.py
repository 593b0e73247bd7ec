"""Demo calls drawn and evaluated, so that ranking, acknowledgement and appeal have something to show."""

from __future__ import annotations

from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from analytics.quality.scorecard import missing, total
from analytics.quality.scorecard_value import Item, Scorecard
from analytics.quality.scoring import running_cards
from api.demo_data.month import AGENTS, PREFIX
from api.demo_data.write import BY
from recordings.quality.evaluation import Answer
from recordings.quality.evaluations import acknowledge, appeal, open_evaluation, submit
from recordings.quality.sampling import Method, Population, draw
from recordings.quality.scorecards import scores_of
from recordings.tables import CallRow, DrawRow

EACH = 8
"""Calls drawn of every agent, if there are so many."""
WELL, POORLY = 0.92, 0.55
"""How often an item is done, by agents good at it and by others."""
ACKNOWLEDGED, APPEALED = 0.6, 0.05
APPEALS = {
    "ru": "Клиент сам прервал меня, прошу прослушать ещё раз.",
    "en": "The caller cut me off, please listen again.",
}


def evaluate_some(db: Session, *, seed: int) -> int:
    """Draw calls of each agent and evaluate them; a second time nothing is done. Tells how many were evaluated."""
    if db.scalar(select(DrawRow.id).where(DrawRow.created_by == BY).limit(1)):
        return 0
    dice = Random(seed)
    made = 0
    for card in running_cards(db):
        good = {f"PJSIP/{endpoint}": able for endpoint, _, _, able in AGENTS.get(card.language, ())}
        taken = select(CallRow.id).where(CallRow.id.startswith(PREFIX), CallRow.agent.in_(good))
        if not good or db.scalar(taken.limit(1)) is None:
            continue
        drawn = draw(
            db,
            method=Method.PER_AGENT,
            count=EACH,
            seed=seed,
            population=Population(agents=tuple(good), language=card.language),
            scorecard=card.version,
            by=BY,
        )
        for recording in drawn.drawn:
            made += _evaluate(db, card, recording, drawn.id, good, dice)
    return made


def _evaluate(db: Session, card: Scorecard, recording: str, draw_id: str, good: dict[str, bool], dice: Random) -> bool:
    automatic = next((found.answers for found in scores_of(db, recording) if found.scorecard == card.version), {})
    begun, new = open_evaluation(
        db, recording_id=recording, scorecard=card.version, evaluator=BY, answers=automatic, draw_id=draw_id
    )
    if not new:
        return False
    answers = dict(begun.answers)
    for item in missing(card, answers):
        answers[item.name] = Answer(answer=_answer(item, able=good.get(begun.agent, True), dice=dice))
    submit(db, begun.id, answers=answers, comment="", score=total(card, answers))
    if dice.random() < APPEALED:
        appeal(db, begun.id, APPEALS[card.language])
    elif dice.random() < ACKNOWLEDGED:
        acknowledge(db, begun.id)
    return True


def _answer(item: Item, *, able: bool, dice: Random) -> str:
    best, *others = [name for name, _ in item.answers()]
    return best if dice.random() < (WELL if able else POORLY) or not others else dice.choice(others)
