# mypy: disable-error-code="untyped-decorator"
# (Celery's decorators carry no types)
"""The workers' tasks. Each takes an id, may run twice, and holds no transaction while it computes."""

from __future__ import annotations

import logging
import os
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

import redis
from celery import signals
from sqlalchemy import Engine

from analytics.app import app
from analytics.claim import claim, held
from analytics.dictionary import RuleSet, load_rule_set
from analytics.learning import NothingToLearn, propose
from analytics.pipeline import analyse_transcript, transcribe_sound
from analytics.settings import AnalyticsSettings
from recordings import learning, progress, results
from recordings.announce import ANNOUNCED_SECONDS, Queue, Task, announce_recording, queue_of
from recordings.audio_store import AudioStore
from recordings.call import Recording, RecordingState
from recordings.database import connect, reading, transaction
from recordings.settings import StoreSettings
from speech.audio import Sound, read_sound
from speech.engines import describe, open_recognizer
from speech.recognizer import Recognizer
from speech.settings import SpeechSettings

log = logging.getLogger(__name__)

MOST_WAITING = 100
"""Messages in a queue above which the sweep adds none: what is waiting there is not lost."""
GATHERED = timedelta(days=62)
"""How far back the monthly look for candidates goes; what was found before is found once."""
LAST_SECONDS = 3.0
"""How long work under way may go on once the worker is told to end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the tasks of one worker share."""

    engine: Engine
    sounds: AudioStore
    store: StoreSettings
    analytics: AnalyticsSettings
    speech: SpeechSettings
    rules: RuleSet


_once = threading.RLock()
"""Threads wait for each other here, so that what takes long to load is loaded once."""


def parts() -> Parts:
    with _once:
        return _parts()


@cache
def _parts() -> Parts:
    store, analytics = StoreSettings(), AnalyticsSettings()
    return Parts(
        engine=connect(store.database_url),
        sounds=AudioStore(store.audio_url),
        store=store,
        analytics=analytics,
        speech=SpeechSettings(),
        rules=load_rule_set(analytics.dictionaries_dir),
    )


def recognizer(language: str) -> Recognizer:
    """The worker's one recogniser of a language; opened again when opening failed."""
    with _once:
        return _recognizer(language)


@cache
def _recognizer(language: str) -> Recognizer:
    return open_recognizer(language, parts().speech)


@app.task
def transcribe(recording_id: str) -> None:
    """Store one transcript per (recording, engine), then wake the analysis."""
    here = parts()
    work = claim(here.engine, recording_id, here.analytics)
    if work is None:
        return
    with work:
        recording = work.recording
        with reading(here.engine) as db:
            done = results.has_transcript(db, recording_id, describe(recording.language, here.speech))
            joined = results.agent_joined(db, recording.call_id) if recording.call_id else 0.0
        if not done:
            heard = transcribe_sound(_sound(recording), recognizer(recording.language), agent_from=joined)
            with transaction(here.engine) as db:
                results.insert_transcript_once(db, recording_id, heard)
        if not done or recording.state is RecordingState.REGISTERED:
            work.reached = RecordingState.TRANSCRIBED
    if work.reached is RecordingState.TRANSCRIBED:
        announce_recording(here.store.redis_url, recording_id, queue=queue_of(recording), task="analyse")


@app.task
def analyse(recording_id: str) -> None:
    """Store one analysis per (transcript, rule set) with its findings."""
    here = parts()
    work = claim(here.engine, recording_id, here.analytics)
    if work is None:
        return
    with work:
        with reading(here.engine) as db:
            newest = results.newest_transcript(db, recording_id)
            if newest is None:
                log.warning("recording %s has no transcript yet", recording_id)
                return
            transcript_id, transcript = newest
            done = results.has_analysis(db, transcript_id, here.rules.version)
            call_id = work.recording.call_id
            joined = results.agent_joined(db, call_id) if call_id else 0.0
        if not done:
            analysis = analyse_transcript(transcript, _sound(work.recording), here.rules, agent_from=joined)
            with transaction(here.engine) as db:
                results.insert_analysis_once(
                    db,
                    recording_id=recording_id,
                    transcript_id=transcript_id,
                    rule_set=here.rules.version,
                    measures=analysis.measures,
                    findings=analysis.findings,
                )
        work.reached = RecordingState.ANALYSED


@app.task
def sweep() -> None:
    """Send again what has no row yet and nobody works on: lost messages, dead workers, faults that have passed."""
    here = parts()
    with redis.Redis.from_url(here.store.redis_url) as waiting:
        room: dict[Queue, int] = {"fresh": MOST_WAITING, "bulk": MOST_WAITING}
        for queue in room:
            room[queue] -= int(waiting.llen(queue))
    for queue, limit in room.items():
        due = progress.take_due(here.engine, imported=queue == "bulk", limit=max(0, limit), wait=ANNOUNCED_SECONDS)
        for recording in due:
            task: Task = "analyse" if recording.state is RecordingState.TRANSCRIBED else "transcribe"
            announce_recording(here.store.redis_url, recording.id, queue=queue, task=task)
        if due:
            log.info("sweep: %d recordings sent again to %s", len(due), queue)


@app.task
def propose_models() -> None:
    """Once a month: gather what the robot failed on, and propose a model for each language. A person promotes."""
    here = parts()
    with reading(here.engine) as db:
        languages = learning.languages(db)
    for language in languages:
        with transaction(here.engine) as db:
            new = learning.gather(db, language, since=datetime.now(UTC) - GATHERED)
        log.info("learning %s: %d new candidates, see otklik learn candidates", language, new)
        try:
            card = propose(here.engine, language)
        except NothingToLearn as reason:
            log.info("learning %s: no proposal: %s", language, reason)
        else:
            log.info("learning %s: model %s is proposed, see otklik learn compare", language, card.version)


@signals.worker_shutting_down.connect
def _end_soon(**_: object) -> None:
    """A transcription can take minutes: let it go, so that another worker has it at once, and end."""

    def end() -> None:
        for work in list(held):
            work.let_go()
        logging.shutdown()
        os._exit(0)

    timer = threading.Timer(LAST_SECONDS, end)
    timer.daemon = True
    timer.start()


def _sound(recording: Recording) -> Sound:
    with parts().sounds.open(recording.key) as file:
        return read_sound(file)
