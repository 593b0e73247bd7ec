"""What is made of a recording after its words are there, stage by stage. Each stage is kept once per version of what
made it: whatever is there already is not made again, and a worker that is killed between two stages loses nothing.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime

from analytics.alerts.alerting import alert_of_recording, alert_rules
from analytics.alerts.settings import alert_settings
from analytics.pipeline.acoustics import VERSION, acoustics_of
from analytics.pipeline.dependencies import Dependencies, recognizer, running_rules, sound_of
from analytics.pipeline.pipeline import transcribe_sound
from analytics.pipeline.redacting import redact_stored
from analytics.quality.scoring import keep_scores, running_cards
from analytics.rules.rule_input import RuleInput
from analytics.rules.run import Analysis, apply
from analytics.understanding.understanding import models, understand
from recordings.calls import meanings
from recordings.calls.facts import IMPORTED, CallFacts, call_facts
from recordings.contacts.call import Recording
from recordings.database import reading, transaction
from recordings.results import results
from recordings.results.acoustics import Acoustics
from recordings.results.meaning import CallMeaning
from speech.recognition.engines import describe
from speech.recognition.words import Transcript

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stored:
    """What the tables have of a recording."""

    transcript_id: str
    transcript: Transcript
    acoustics: Acoustics | None
    call: CallFacts


def hear(here: Dependencies, recording: Recording) -> bool:
    """Store words and measurements, both from one reading of the sound; False when both were there."""
    with reading(here.engine) as db:
        transcribed = results.has_transcript(db, recording.id, describe(recording.language, here.speech))
        measured = results.has_acoustics(db, recording.id, VERSION)
        call = call_facts(db, [recording.id]).get(recording.id, IMPORTED)
    if transcribed and measured:
        return False
    sound = sound_of(here, recording)
    acoustics = None if measured else acoustics_of(sound)
    transcript = None
    if not transcribed:
        transcript = transcribe_sound(sound, recognizer(recording.language), agent_from=call.agent_from)
    with transaction(here.engine) as db:
        if acoustics is not None:
            results.insert_acoustics_once(db, recording.id, acoustics)
        if transcript is not None:
            results.insert_transcript_once(db, recording.id, transcript)
    return True


def examine(here: Dependencies, recording: Recording) -> bool:
    """Understand the best transcript and apply the rules in force; False when there is no transcript yet."""
    rules = running_rules()
    with reading(here.engine) as db:
        best = results.best_transcript(db, recording.id)
        if best is None:
            return False
        acoustics = results.newest_acoustics(db, recording.id)
        call = call_facts(db, [recording.id]).get(recording.id, IMPORTED)
        done = results.has_analysis(db, best[0], rules.version)
    stored = _Stored(transcript_id=best[0], transcript=best[1], acoustics=acoustics, call=call)
    meaning = _meaning(here, recording, stored)
    redact_stored(here.engine, recording.id)
    if done:
        return True
    heard = RuleInput(
        transcript=stored.transcript,
        acoustics=stored.acoustics or _measured(here, recording),
        meaning=meaning,
        call=call,
    )
    _keep(here, recording, stored, heard, apply(heard, rules))
    return True


def _meaning(here: Dependencies, recording: Recording, stored: _Stored) -> CallMeaning:
    """As the present models have it; the slow part, so it is looked for first."""
    known = models(here.engine, stored.transcript.language)
    with reading(here.engine) as db:
        found = meanings.find_meaning(db, stored.transcript_id, known.version)
    if found is not None:
        return found
    began = (stored.call.started_at or datetime.now(UTC)).astimezone()
    meaning = understand(stored.transcript, now=began, models=known)
    with transaction(here.engine) as db:
        meanings.insert_meaning_once(db, recording_id=recording.id, transcript_id=stored.transcript_id, meaning=meaning)
    return meaning


def _measured(here: Dependencies, recording: Recording) -> Acoustics:
    """Of a recording whose words were stored before there were measurements."""
    acoustics = acoustics_of(sound_of(here, recording))
    with transaction(here.engine) as db:
        results.insert_acoustics_once(db, recording.id, acoustics)
    return acoustics


def _keep(here: Dependencies, recording: Recording, stored: _Stored, heard: RuleInput, analysis: Analysis) -> None:
    """Findings, scores and alerts come together or not at all."""
    alerts = alert_rules(here.engine)
    with transaction(here.engine) as db:
        analysis_id = results.insert_analysis_once(
            db,
            recording_id=recording.id,
            transcript_id=stored.transcript_id,
            rule_set=analysis.rule_set,
            measures=analysis.measures,
            findings=analysis.findings,
        )
        if analysis_id is None:
            return
        db.flush()  # scores refer to the analysis
        keep_scores(
            db,
            running_cards(db),
            recording_id=recording.id,
            analysis_id=analysis_id,
            measures=analysis.measures,
            findings=analysis.findings,
            call=stored.call,
        )
        alert_of_recording(
            db,
            alerts,
            alert_settings(),
            recording_id=recording.id,
            heard=heard,
            analysis=analysis,
            now=datetime.now(UTC),
        )
