"""What the pages of quality show and take, worked out of values: who may see what, filled forms, periods."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Annotated

from fastapi import Form
from sqlalchemy.orm import Session

from analytics.quality.scorecard import score
from analytics.quality.scorecard_value import Scorecard
from analytics.quality.scoring import card_of
from api.kit.auth import User
from api.kit.clock import clock
from api.kit.problems import Problem
from api.kit.roles import Permission
from recordings.calls.detail import ContactDetail
from recordings.calls.facts import IMPORTED, call_facts
from recordings.quality.evaluation import Answer, Evaluation, EvaluationState
from recordings.quality.evaluations import calibration_of, find_evaluation, is_since
from recordings.quality.scorecards import find_scorecard

_CLOCK = re.compile(r"(?:(\d{1,2}):)?(\d{1,3}):(\d{1,2}(?:[.,]\d+)?)|(\d{1,5}(?:[.,]\d+)?)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A form of an evaluation as it was sent: a line an item."""

    items: Sequence[str]
    answers: Sequence[str]
    comments: Sequence[str]
    starts: Sequence[str]
    ends: Sequence[str]
    comment: str

    def given(self, card: Scorecard, before: Mapping[str, Answer]) -> dict[str, Answer]:
        """The answers by item; what a rule has said is kept beside them. Items of other scorecards are left out."""
        rows = zip(self.items, self.answers, self.comments, self.starts, self.ends, strict=False)
        known = {item.name for item in card.items()}
        return {
            item: _answer(before.get(item, Answer(answer="")), answer, comment, start, end)
            for item, answer, comment, start, end in rows
            if item in known
        }


Lines = Annotated[list[str], Form(max_length=500)]


def filled(
    item: Lines = [],  # noqa: B006 - FastAPI copies it
    answer: Lines = [],  # noqa: B006
    comment: Lines = [],  # noqa: B006
    start: Lines = [],  # noqa: B006
    end: Lines = [],  # noqa: B006
    about: Annotated[str, Form(max_length=4000)] = "",
) -> Filled:
    """The form of a request."""
    return Filled(items=item, answers=answer, comments=comment, starts=start, ends=end, comment=about.strip())


def _answer(before: Answer, answer: str, comment: str, start: str, end: str) -> Answer:
    begin, last = _seconds(start, before.start), _seconds(end, before.end)
    quote = before.quote if (begin, last) == (before.start, before.end) else ""
    return replace(before, answer=answer[:64], comment=comment.strip()[:2000], quote=quote, start=begin, end=last)


def _seconds(text: str, before: float | None) -> float | None:
    """Seconds of ``1:02:03``, ``2:03`` or ``123``; what was shown and not touched stays exact; None for nothing."""
    text = text.strip()
    if before is not None and text == clock(before):
        return before
    found = _CLOCK.fullmatch(text)
    if not found:
        return None
    hours, minutes, seconds, plain = found.groups()
    whole = (seconds or plain).replace(",", ".")
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + float(whole)


def card_by(db: Session, version: str) -> Scorecard:
    """The scorecard of a version.

    Raises:
        Problem: 404, there is none; 409, this version of the program cannot read it.
    """
    stored = find_scorecard(db, version)
    if stored is None:
        raise Problem(HTTPStatus.NOT_FOUND, "scorecard_unknown", f"There is no scorecard {version}.")
    card = card_of(stored.text)
    if card is None:
        raise Problem(HTTPStatus.CONFLICT, "scorecard_unreadable", f"The scorecard {version} cannot be read any more.")
    return card


def by_rules(db: Session, card: Scorecard, found: ContactDetail) -> dict[str, Answer]:
    """What the rules answer of a call, from its findings as they are shown; empty before it is analysed."""
    if found.measures is None or found.recording is None:
        return {}
    facts = call_facts(db, [found.recording.id]).get(found.recording.id, IMPORTED)
    return dict(score(card, found.measures, found.findings, facts).answers)


def evaluation_for(db: Session, viewer: User, evaluation_id: str) -> Evaluation:
    """An evaluation the viewer may see.

    Raises:
        Problem: 404, there is none, it went with its recording, or it is not theirs to see.
    """
    found = find_evaluation(db, evaluation_id)
    if found is None or not may_see(db, viewer, found):
        raise Problem(
            HTTPStatus.NOT_FOUND, "evaluation_unknown", f"There is no evaluation {evaluation_id} that you may see."
        )
    return found


def may_see(db: Session, viewer: User, evaluation: Evaluation) -> bool:
    """Drafts are their evaluator's; in calibration nobody sees the others before all have submitted."""
    if evaluation.evaluator == viewer.login and viewer.may(Permission.EVALUATE):
        return True
    if evaluation.state is EvaluationState.DRAFT:
        return False
    if evaluation.calibration:
        return viewer.may(Permission.EVALUATE) and all_submitted(calibration_of(db, evaluation.calibration))
    return viewer.may(Permission.CALLS) or is_about(db, evaluation, viewer)


def is_about(db: Session, evaluation: Evaluation, viewer: User) -> bool:
    """Whether it is the viewer's own call that was scored: on their phone, since it has been theirs."""
    own = bool(viewer.agent) and evaluation.agent == viewer.agent
    return own and is_since(db, evaluation.recording_id, viewer.agent_since)


def may_settle(db: Session, evaluation: Evaluation, viewer: User) -> bool:
    """Nobody judges an appeal against what they said themselves, or one of their own."""
    own = evaluation.evaluator == viewer.login or is_about(db, evaluation, viewer)
    return viewer.may(Permission.APPEALS) and not own


def all_submitted(evaluations: Sequence[Evaluation]) -> bool:
    return all(evaluation.state is not EvaluationState.DRAFT for evaluation in evaluations)
