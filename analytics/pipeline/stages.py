"""What is made of a recording after its words are there, stage by stage. Each stage is kept once per version of what
made it: whatever is there already is not made again, and a worker that is killed between two stages loses nothing.
"""

from __future__ import annotations

from datetime import UTC, datetime

from analytics.alerts.alerting import alert_rules
from analytics.alerts.settings import alert_settings
from analytics.pipeline.acoustics import VERSION, acoustics_of
from analytics.pipeline.dependencies import Dependencies, recognizer, running_rules, sound_of
from analytics.pipeline.examination import keep_analysis, meaning_of
from analytics.pipeline.pipeline import transcribe_sound
from analytics.pipeline.redacting import redact_stored
from analytics.quality.scoring import running_cards
from analytics.rules.rule_input import RuleInput
from analytics.rules.run import apply
from analytics.understanding.understanding import models
from recordings.calls import meanings
from recordings.calls.facts import IMPORTED, CallFacts, call_facts
from recordings.contacts.call import Recording
from recordings.database import reading, transaction
from recordings.redaction.redactions import redacted_words
from recordings.results import results
from recordings.results.acoustics import Acoustics
from recordings.results.meaning import CallMeaning
from speech.recognition.engines import describe
from speech.recognition.words import Transcript


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
    transcript_id, transcript = best
    meaning = _meaning(here, recording.id, transcript_id, transcript, call)
    redact_stored(here.engine, recording.id)
    if done:
        return True
    measured = acoustics or _measured(here, recording)
    with reading(here.engine) as db:
        redacted = redacted_words(db, recording.id, transcript_id)
    heard = RuleInput(
        transcript=transcript,
        acoustics=measured,
        meaning=meaning,
        call=call,
        redacted=redacted.transcript if redacted else None,
    )
    analysis, alerts = apply(heard, rules), alert_rules(here.engine)
    with transaction(here.engine) as db:
        keep_analysis(
            db,
            heard,
            analysis,
            recording_id=recording.id,
            transcript_id=transcript_id,
            cards=running_cards(db),
            alerts=alerts,
            settings=alert_settings(),
            now=datetime.now(UTC),
        )
    return True


def _meaning(
    here: Dependencies, recording_id: str, transcript_id: str, transcript: Transcript, call: CallFacts
) -> CallMeaning:
    """As the present models have it; the slow part, so it is looked for first and kept at once."""
    known = models(here.engine, transcript.language)
    with reading(here.engine) as db:
        found = meanings.find_meaning(db, transcript_id, known.version)
    if found is not None:
        return found
    meaning = meaning_of(transcript, call, now=datetime.now(UTC), known=known)
    with transaction(here.engine) as db:
        meanings.insert_meaning_once(db, recording_id=recording_id, transcript_id=transcript_id, meaning=meaning)
    return meaning


def _measured(here: Dependencies, recording: Recording) -> Acoustics:
    """Of a recording whose words were stored before there were measurements."""
    acoustics = acoustics_of(sound_of(here, recording))
    with transaction(here.engine) as db:
        results.insert_acoustics_once(db, recording.id, acoustics)
    return acoustics
