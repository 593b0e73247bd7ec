"""Samples of calls drawn for evaluation, so that anybody can draw them again.

The draw takes the recordings that fit, ranks them by the sha256 of ``<seed>:<id>`` in hex, and takes the first
``count`` (of each agent, where all get the same number). Unlike a shuffle by a library's generator this is the same in
every version of every language, and a recording that is erased later does not move the others.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import Session

from recordings.quality.evaluation import Evaluation
from recordings.quality.evaluations import WantedEvaluations, list_evaluations
from recordings.results.finding import FindingKind
from recordings.selection import RulesAt, rules_at, shown_analysis_id
from recordings.tables import AnalysisRow, CallRow, DrawRow, FindingRow, RecordingRow

MOST = 1000
"""Calls of one draw."""
FELT = 0.15
"""Mean sentiment of the caller from which a call counts as positive, and below whose negative as negative; as the list
of calls names it."""


class Method(StrEnum):
    RANDOM = "random"
    RULE = "rule"
    """Random among the calls that fit a filter."""
    PER_AGENT = "per_agent"
    """The same number of each agent, or all of who has fewer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """Which recordings may be drawn; what is None or empty does not filter. Only analysed ones are."""

    since: datetime | None = None
    """Start of the call; of an import, the time it came in."""
    until: datetime | None = None
    agents: tuple[str, ...] = ()
    """Endpoints; empty: everybody."""
    robot_too: bool = False
    """Also calls that no person took, and imports."""
    language: str = ""
    outcome: str = ""
    label: str = ""
    """Keyword found; a category also finds what is below it."""
    sentiment: str = ""
    """positive | negative: mean of the caller."""
    shortest: float | None = None
    """Seconds of sound."""
    longest: float | None = None

    def to_json(self) -> dict[str, Any]:
        moments = {name: at.isoformat() if (at := getattr(self, name)) else None for name in ("since", "until")}
        return asdict(self) | {"agents": list(self.agents)} | moments

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Population:
        known = {name: body[name] for name in cls.__dataclass_fields__ if name in body}
        moments = {name: datetime.fromisoformat(body[name]) if body.get(name) else None for name in ("since", "until")}
        return cls(**known | moments | {"agents": tuple(body.get("agents", ()))})


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    id: str
    method: Method
    seed: int
    count: int
    """Calls wanted; ``per_agent``: of each."""
    population: Population
    size: int
    """Recordings that fitted."""
    sha256: str
    """SHA-256 of their ids, sorted, one a line."""
    drawn: tuple[str, ...]
    """Ids of recordings."""
    scorecard: str
    """Version."""
    created_at: datetime
    created_by: str
    rules: RulesAt | None = None
    """Versions of the rules at its moment; None of a draw made before these were kept: then as they are now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Redraw:
    """A draw, repeated."""

    size: int
    """Recordings that fit now, as things stood at the moment of the draw."""
    same_population: bool
    gone: int
    """Drawn recordings that are no longer there."""
    repeats: bool
    """Whether what is left of the draw is what its seed gives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnCall:
    """One line of the work list."""

    recording_id: str
    contact_id: str
    """Empty: erased since."""
    started_at: datetime | None
    duration: float
    """Seconds of sound."""
    agent: str
    evaluation: Evaluation | None


def draw(
    db: Session, *, method: Method, count: int, seed: int, population: Population, scorecard: str, by: str
) -> Draw:
    """Draw and keep a sample.

    Raises:
        ValueError: not 1..1000 calls are wanted, or no call fits.
    """
    if not 1 <= count <= MOST:
        raise ValueError(f"want 1..{MOST} calls, got {count}")
    now = datetime.now(UTC)
    rules = rules_at(db, now)
    fits = _fitting(db, population, rules)
    if not fits:
        raise ValueError("no call fits")
    row = DrawRow(
        id=str(uuid4()),
        method=method,
        seed=seed,
        parameters=population.to_json() | {"count": count, "rules": [rules.running, *rules.drafts]},
        population=len(fits),
        population_sha256=_digest(fits),
        drawn=list(_drawn(fits, method, count, seed)[:MOST]),
        scorecard=scorecard,
        created_at=now,
        created_by=by,
    )
    db.add(row)
    db.flush()
    return _draw(row)


def redraw(db: Session, known: Draw) -> Redraw:
    """Repeat a draw over the recordings as they stood at its moment: analyses made, and versions of the rules put in
    force, since do not count."""
    fits = _fitting(db, known.population, known.rules or rules_at(db, known.created_at))
    again = _drawn(fits, known.method, known.count, known.seed)[:MOST]
    left = [recording for recording in known.drawn if recording in fits]
    same = _digest(fits) == known.sha256
    was = set(known.drawn)
    repeats = (
        list(known.drawn) == list(again) if same else left == [recording for recording in again if recording in was]
    )
    return Redraw(size=len(fits), same_population=same, gone=len(known.drawn) - len(left), repeats=repeats)


def find_draw(db: Session, draw_id: str) -> Draw | None:
    row = db.get(DrawRow, draw_id)
    return _draw(row) if row else None


def list_draws(db: Session, *, limit: int = 50) -> list[Draw]:
    """Newest first."""
    return [_draw(row) for row in db.scalars(select(DrawRow).order_by(DrawRow.created_at.desc()).limit(limit))]


def work_list(db: Session, known: Draw) -> list[DrawnCall]:
    """The drawn calls in order, each with its evaluation, drafts included."""
    rows = db.execute(
        select(RecordingRow, CallRow)
        .outerjoin(CallRow, CallRow.id == RecordingRow.call_id)
        .where(RecordingRow.id.in_(known.drawn))
    )
    found = {recording.id: (recording, call) for recording, call in rows}
    wanted = WantedEvaluations(scorecards=(known.scorecard,), recordings=known.drawn, drafts=True)
    evaluations = {e.recording_id: e for e in list_evaluations(db, wanted, limit=MOST).evaluations}
    return [_line(recording_id, found.get(recording_id), evaluations.get(recording_id)) for recording_id in known.drawn]


def _line(
    recording_id: str, found: tuple[RecordingRow, CallRow | None] | None, evaluation: Evaluation | None
) -> DrawnCall:
    recording, call = found or (None, None)
    return DrawnCall(
        recording_id=recording_id,
        contact_id=call.id if call else recording.id if recording else "",
        started_at=call.started_at if call else recording.created_at if recording else None,
        duration=recording.duration if recording else 0.0,
        agent=call.agent if call else "",
        evaluation=evaluation,
    )


def _fitting(db: Session, wanted: Population, rules: RulesAt) -> dict[str, str]:
    """Recording → agent of all that fit, by id, by the analyses that were shown at a moment."""
    rows = db.execute(
        select(RecordingRow.id, CallRow.agent)
        .outerjoin(CallRow, CallRow.id == RecordingRow.call_id)
        .join(AnalysisRow, AnalysisRow.id == shown_analysis_id(RecordingRow.id, rules))
        .where(RecordingRow.created_at <= rules.at, *_conditions(wanted))
        .order_by(RecordingRow.id)
    )
    return {recording: agent or "" for recording, agent in rows}


def _conditions(wanted: Population) -> Iterable[ColumnElement[bool]]:
    started = func.coalesce(CallRow.started_at, RecordingRow.created_at)
    if wanted.since:
        yield started >= wanted.since
    if wanted.until:
        yield started < wanted.until
    if wanted.agents:
        yield CallRow.agent.in_(wanted.agents)
    elif not wanted.robot_too:
        yield CallRow.agent != ""
    if wanted.language:
        yield RecordingRow.language == wanted.language
    if wanted.outcome:
        yield CallRow.outcome == wanted.outcome
    if wanted.shortest is not None:
        yield RecordingRow.duration >= wanted.shortest
    if wanted.longest is not None:
        yield RecordingRow.duration <= wanted.longest
    if wanted.sentiment:
        mean = AnalysisRow.measures["sentiment"]["caller"].as_float()
        yield mean >= FELT if wanted.sentiment == "positive" else mean <= -FELT
    if wanted.label:
        named = or_(FindingRow.label == wanted.label, FindingRow.label.startswith(f"{wanted.label}/", autoescape=True))
        of_it = FindingRow.analysis_id == AnalysisRow.id, FindingRow.kind == FindingKind.KEYWORD
        yield exists(select(FindingRow.id).where(*of_it, named).correlate(AnalysisRow))


def _drawn(fits: Mapping[str, str], method: Method, count: int, seed: int) -> list[str]:
    ranked = sorted(fits, key=lambda recording: hashlib.sha256(f"{seed}:{recording}".encode()).hexdigest())
    if method is not Method.PER_AGENT:
        return ranked[:count]
    taken: defaultdict[str, int] = defaultdict(int)
    drawn = []
    for recording in ranked:
        if taken[fits[recording]] < count:
            taken[fits[recording]] += 1
            drawn.append(recording)
    return drawn


def _digest(ids: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(sorted(ids)).encode()).hexdigest()


def _draw(row: DrawRow) -> Draw:
    drawn: Sequence[str] = row.drawn
    rules: Sequence[str] = row.parameters.get("rules", ())
    return Draw(
        id=row.id,
        method=Method(row.method),
        seed=row.seed,
        count=row.parameters["count"],
        population=Population.from_json(row.parameters),
        size=row.population,
        sha256=row.population_sha256,
        drawn=tuple(drawn),
        scorecard=row.scorecard,
        created_at=row.created_at,
        created_by=row.created_by,
        rules=RulesAt(at=row.created_at, running=rules[0], drafts=tuple(rules[1:])) if rules else None,
    )
