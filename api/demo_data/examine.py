"""The written calls through the same stages as recorded ones: meaning, redaction, rules, scores, alerts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import Engine, exists, select
from sqlalchemy.orm import Session

from analytics.alerts.alerting import alert_rules
from analytics.alerts.settings import alert_settings
from analytics.alerts.value import AlertRules
from analytics.dictionary import RuleSet, running_rules
from analytics.pipeline.examination import examine, keep_analysis, keep_understanding
from analytics.quality.scorecard_value import Scorecard
from analytics.quality.scoring import EXAMPLES, add_card, running_cards
from analytics.rerun.examining import heard_of
from analytics.understanding.understanding import Models, models
from api.demo_data.month import PREFIX
from api.demo_data.write import BY
from ivr.settings import robot_settings
from ivr.understanding.intent_model import own_samples
from ivr.understanding.training_samples import publish
from recordings.calls.bulk_read import load_stored
from recordings.database import reading, transaction
from recordings.tables import AnalysisRow, RecordingRow, TranscriptRow

AT_ONCE = 40
"""Calls a transaction."""


def prepare(engine: Engine, languages: Sequence[str]) -> None:
    """What a running robot and an installation in use would have left: examples of intents, scorecards."""
    examples: dict[str, dict[str, str | None]] = {language: {} for language in languages}
    for scenario in robot_settings().load_scenarios().values():
        if scenario.language in examples:
            examples[scenario.language] |= own_samples(scenario)
    for language, found in examples.items():
        publish(engine, language, found)
    with transaction(engine) as db:
        if not running_cards(db):
            for language in languages:
                for file in sorted((EXAMPLES / language).glob("*.yaml")):
                    add_card(db, file.read_text("utf-8"), file=file.name, by=BY)


def unexamined(db: Session) -> list[str]:
    """Recordings of ours that have words and no analysis yet, oldest first."""
    words = exists().where(TranscriptRow.recording_id == RecordingRow.id)
    done = exists().where(AnalysisRow.recording_id == RecordingRow.id)
    mine = RecordingRow.call_id.startswith(PREFIX)
    return list(db.scalars(select(RecordingRow.id).where(mine, words, ~done).order_by(RecordingRow.created_at)))


def examine_all(engine: Engine, languages: Sequence[str], *, advance: Callable[[int], None]) -> int:
    """Examine whatever is not yet; tells how many. ``advance`` is told how many more are done."""
    with reading(engine) as db:
        ids = unexamined(db)
        cards = running_cards(db)
    if not ids:
        return 0
    rules, alerts = running_rules.running(engine), alert_rules(engine)
    known = {language: models(engine, language) for language in languages}
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        _examine(engine, some, rules=rules, alerts=alerts, cards=cards, known=known)
        advance(len(some))
    return len(ids)


def _examine(
    engine: Engine, ids: Sequence[str], *, rules: RuleSet, alerts: AlertRules, cards: Sequence[Scorecard],
    known: dict[str, Models],
) -> None:  # fmt: skip
    settings, now = alert_settings(), datetime.now(UTC)
    with reading(engine) as db:
        chunk = load_stored(db, ids)
    made = []
    for stored in chunk:  # no transaction is open while models run
        heard = replace(heard_of(stored), meaning=None)
        made.append((stored, examine(heard, rules, now=now, known=known.get(heard.transcript.language))))
    with transaction(engine) as db:
        for stored, one in made:
            which = {"recording_id": stored.recording_id, "transcript_id": stored.transcript_id}
            keep_understanding(db, one, **which)
            at = one.heard.call.started_at or now  # an alert of a written call is as old as the call
            keep_analysis(db, one.heard, one.analysis, **which, cards=cards, alerts=alerts, settings=settings, now=at)
