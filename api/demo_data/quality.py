"""Evaluations of demo calls by somebody who is not there: so that ranking, appeals and calibration have something to show."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.demo_data.month import AGENTS, PREFIX
from api.demo_data.write import BY
from recordings.database import insert_once
from recordings.tables import CallRow, EvaluationRow, RecordingRow, ScorecardRow

EACH = 8
"""Calls of an agent that are evaluated, if there are so many."""


def evaluate_some(db: Session, *, seed: int) -> int:
    """Evaluate the first calls of each agent by the running scorecard of their language; done twice it does nothing more."""
    draw = Random(seed)
    cards = {row.text.split("language:", 1)[-1].split()[0]: row.version
             for row in db.scalars(select(ScorecardRow).where(ScorecardRow.state == "running"))}  # fmt: skip
    made = 0
    for language, agents in AGENTS.items():
        card = cards.get(language)
        if card is None:
            continue
        for endpoint, _, _, good in agents:
            mine = CallRow.agent == f"PJSIP/{endpoint}", CallRow.id.startswith(PREFIX)
            calls = select(RecordingRow.id, CallRow.ended_at).join(CallRow, CallRow.id == RecordingRow.call_id)
            for recording, ended in db.execute(calls.where(*mine).order_by(CallRow.started_at).limit(EACH)):
                at = (ended or db.scalar(select(func.now()))) + timedelta(hours=20)
                score = round(min(100.0, max(0.0, draw.gauss(88 if good else 58, 9))), 1)
                state = draw.choice(("submitted", "acknowledged", "acknowledged"))
                made += insert_once(db, EvaluationRow, {
                    "id": f"{recording}-evaluation", "recording_id": recording, "scorecard": card, "evaluator": BY,
                    "agent": f"PJSIP/{endpoint}", "state": state, "calibration": "", "draw_id": None, "answers": {},
                    "settled_answers": {}, "score": score, "comment": "", "created_at": at, "submitted_at": at,
                })  # fmt: skip
    return made
