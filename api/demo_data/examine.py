"""The written calls through the same stages as recorded ones: meaning, redaction, rules, scores, alerts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime

from sqlalchemy import Engine, exists, select
from sqlalchemy.orm import Session

from analytics.alerts.alerting import alert_of_recording, alert_rules
from analytics.alerts.settings import AlertSettings
from analytics.alerts.value import AlertRules
from analytics.dictionary import RuleSet, running_rules
from analytics.pipeline.redaction import redact_transcript
from analytics.quality.scorecard_value import Scorecard
from analytics.quality.scoring import EXAMPLES, add_card, keep_scores, running_cards
from analytics.rerun.examining import heard_of
from analytics.rules.run import apply
from analytics.understanding.understanding import Models, models, understand
from api.demo_data.month import PREFIX
from api.demo_data.write import BY
from ivr.settings import RobotSettings
from ivr.understanding.intent_model import own_samples
from ivr.understanding.training_samples import publish
from recordings.calls import meanings
from recordings.calls.bulk_read import load_stored
from recordings.database import reading, transaction
from recordings.redaction import redactions
from recordings.results import results
from recordings.tables import AnalysisRow, RecordingRow, TranscriptRow

AT_ONCE = 40
"""Calls a transaction."""


def prepare(engine: Engine, languages: Sequence[str]) -> None:
    """What a running robot and an installation in use would have left: examples of intents, scorecards."""
    examples: dict[str, dict[str, str | None]] = {language: {} for language in languages}
    for scenario in RobotSettings().load_scenarios().values():
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
    settings = AlertSettings()
    with reading(engine) as db:
        chunk = load_stored(db, ids)
    made = []
    for stored in chunk:  # no transaction is open while models run
        heard = heard_of(stored)
        at = heard.call.started_at or datetime.now(UTC)
        meaning = understand(heard.transcript, now=at, models=known.get(heard.transcript.language))
        heard = replace(heard, meaning=meaning)
        made.append((stored, heard, redact_transcript(heard.transcript), apply(heard, rules), at))
    with transaction(engine) as db:
        for stored, heard, redaction, analysis, at in made:
            recording = stored.recording_id
            if heard.meaning:
                meanings.insert_meaning_once(
                    db, recording_id=recording, transcript_id=stored.transcript_id, meaning=heard.meaning
                )
            redactions.insert_redaction_once(
                db, recording_id=recording, transcript_id=stored.transcript_id, version=redaction.version,
                transcript=redaction.transcript, spans=[asdict(span) for span in redaction.spans],
            )  # fmt: skip
            analysis_id = results.insert_analysis_once(
                db, recording_id=recording, transcript_id=stored.transcript_id, rule_set=analysis.rule_set,
                measures=analysis.measures, findings=analysis.findings,
            )  # fmt: skip
            if analysis_id is None:
                continue
            db.flush()
            keep_scores(
                db, cards, recording_id=recording, analysis_id=analysis_id, measures=analysis.measures,
                findings=analysis.findings, call=heard.call,
            )  # fmt: skip
            alert_of_recording(db, alerts, settings, recording_id=recording, heard=heard, analysis=analysis, now=at)
