"""Meaning → redaction → rules → scores → alerts: the one place that says what is made of a transcript, in which order.

The demo data and ``otklik analyse`` take all stages at once (``examine``). Workers take the same ones one by one
(``stages``), because each is kept before the next begins. A re-run of the rules takes the third alone
(``rules.run.apply``) over meanings that are stored: the first two do not depend on rules, scores follow in bulk, and
nobody is alerted to a call of last month.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from analytics.alerts.alerting import alert_of_recording
from analytics.alerts.settings import AlertSettings
from analytics.alerts.value import AlertRules
from analytics.dictionary import RuleSet
from analytics.quality.scorecard_value import Scorecard
from analytics.quality.scoring import keep_scores
from analytics.rules.rule_input import RuleInput
from analytics.rules.run import Analysis, apply
from analytics.understanding.understanding import Models, understand
from recordings.calls import meanings
from recordings.calls.facts import CallFacts
from recordings.redaction import redactions
from recordings.redaction.redaction import Redaction, redact_transcript
from recordings.results import results
from recordings.results.meaning import CallMeaning
from speech.recognition.words import Transcript
from speech.settings import local_zone


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """What is made of one transcript, before anything is kept."""

    heard: RuleInput
    """What the rules looked at, with the meaning."""
    redaction: Redaction
    analysis: Analysis


def examine(heard: RuleInput, rules: RuleSet, *, now: datetime, known: Models | None = None) -> Examination:
    """Understand a transcript, redact it and apply every rule: pure but for the models.

    Args:
        heard: Words, sound and call. A meaning that is there already is taken as it is.
        rules: A version of them.
        now: When the call was, where nobody knows; "tomorrow" is counted from there.
        known: Models of the language; None understands by rules alone.
    """
    if heard.meaning is None:
        heard = replace(heard, meaning=meaning_of(heard.transcript, heard.call, now=now, known=known))
    redaction = redact_transcript(heard.transcript)
    if heard.redacted is None:
        heard = replace(heard, redacted=redaction.transcript)
    return Examination(heard=heard, redaction=redaction, analysis=apply(heard, rules))


def meaning_of(transcript: Transcript, call: CallFacts, *, now: datetime, known: Models | None) -> CallMeaning:
    """The first stage, and the slow one; days that are named are days of the company's zone."""
    return understand(transcript, now=(call.started_at or now).astimezone(local_zone()), models=known)


def keep_understanding(db: Session, made: Examination, *, recording_id: str, transcript_id: str) -> None:
    """Meaning and redaction, each once per version of what made it."""
    if made.heard.meaning:
        meanings.insert_meaning_once(
            db, recording_id=recording_id, transcript_id=transcript_id, meaning=made.heard.meaning
        )
    redactions.insert_redaction_once(
        db,
        recording_id=recording_id,
        transcript_id=transcript_id,
        version=made.redaction.version,
        transcript=made.redaction.transcript,
        spans=[asdict(span) for span in made.redaction.spans],
    )


def keep_analysis(
    db: Session,
    heard: RuleInput,
    analysis: Analysis,
    *,
    recording_id: str,
    transcript_id: str,
    cards: Sequence[Scorecard],
    alerts: AlertRules,
    settings: AlertSettings,
    now: datetime,
) -> bool:
    """Findings, scores and alerts come together or not at all; False when these rules' analysis is there already."""
    analysis_id = results.insert_analysis_once(
        db,
        recording_id=recording_id,
        transcript_id=transcript_id,
        rule_set=analysis.rule_set,
        measures=analysis.measures,
        findings=analysis.findings,
    )
    if analysis_id is None:
        return False
    db.flush()  # scores refer to the analysis
    keep_scores(
        db,
        cards,
        recording_id=recording_id,
        analysis_id=analysis_id,
        measures=analysis.measures,
        findings=analysis.findings,
        call=heard.call,
    )
    alert_of_recording(db, alerts, settings, recording_id=recording_id, heard=heard, analysis=analysis, now=now)
    return True
