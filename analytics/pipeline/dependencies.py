"""What the tasks of one worker share: settings, database, sounds, and the recognisers that took long to load."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import cache

from sqlalchemy import Engine

from analytics.dictionary import RuleSet
from analytics.dictionary import running_rules as rules_in_force
from analytics.settings import AnalyticsSettings
from recordings.audio_store import AudioStore, recorded_key
from recordings.contacts.call import Recording
from recordings.database import connect
from recordings.settings import StoreSettings
from speech.audio.audio import Sound, read_sound
from speech.recognition.engines import open_recognizer
from speech.recognition.recognizer import Recognizer
from speech.settings import SpeechSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    """Of one process."""

    engine: Engine
    sounds: AudioStore
    store: StoreSettings
    analytics: AnalyticsSettings
    speech: SpeechSettings


_once = threading.RLock()
"""Threads wait for each other here, so that what takes long to load is loaded once."""


def open_dependencies() -> Dependencies:
    """Parts as the environment has them; connections are made when needed."""
    store = StoreSettings()
    return Dependencies(
        engine=connect(store.database_url),
        sounds=AudioStore(store.audio_url),
        store=store,
        analytics=AnalyticsSettings(),
        speech=SpeechSettings(),
    )


def dependencies() -> Dependencies:
    """The process's own."""
    with _once:
        return _parts()


def recognizer(language: str) -> Recognizer:
    """The process's one recogniser of a language; opened again when opening failed."""
    with _once:
        return _recognizer(language)


def running_rules() -> RuleSet:
    """The rules in force; another version is taken up with the next recording."""
    with _once:
        return rules_in_force.running(dependencies().engine, dependencies().analytics.dictionaries_dir)


def sound_of(here: Dependencies, recording: Recording) -> Sound:
    """Read a recording's whole sound."""
    with here.sounds.open(recorded_key(recording.key)) as file:
        return read_sound(file)


@cache
def _parts() -> Dependencies:
    return open_dependencies()


@cache
def _recognizer(language: str) -> Recognizer:
    return open_recognizer(language, dependencies().speech)
