"""Written conversations spoken by the voices of this machine: the caller left, robot and agent right."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine, select, update

from api.demo_data.month import Planned
from api.demo_data.script import Held
from api.demo_data.write import held
from recordings.audio import intake
from recordings.audio_store import AudioStore
from recordings.calls import call_log
from recordings.contacts.call import Leg
from recordings.database import reading, transaction
from recordings.tables import CallRow, RecordingRow
from speech.audio.audio import Sound, write_wav
from speech.recognition.words import Speaker
from speech.settings import speech_settings
from speech.synthesis.synthesizer import Voice
from speech.synthesis.voices import open_voice

RATE = 8000
TEMPO = {Speaker.CALLER: 1.08, Speaker.ROBOT: 1.0, Speaker.AGENT: 0.93}
"""One voice, three people: quicker is higher."""
LOUD = {Speaker.CALLER: 0.55, Speaker.ROBOT: 0.9, Speaker.AGENT: 0.75}
GAP = 0.25
"""Seconds that stay between two turns that do not overlap in the plan."""
NOISE = 12
"""Amplitude of the line."""


def choose(calls: Sequence[Planned], count: int) -> list[Planned]:
    """Which calls are given a sound: with short waits, each script before any twice, the newest first."""
    fitting = [call for call in calls if call.wait < 20 and not call.gives_up]
    by_script: dict[tuple[str, str], list[Planned]] = {}
    for call in reversed(fitting):
        by_script.setdefault((call.language, call.script.name), []).append(call)
    chosen: list[Planned] = []
    for turn in range(max(map(len, by_script.values()), default=0)):
        chosen += [found[turn] for found in by_script.values() if turn < len(found)]
    return chosen[:count]


def sound_all(engine: Engine, store: AudioStore, calls: Sequence[Planned], *, advance: Callable[[], None]) -> int:
    """Speak and register what has no recording yet; the workers take it up from there. Tells how many were made.

    Raises:
        EngineError: the voice of a language is not installed or gave no sound.
        OSError: the store takes nothing.
    """
    made = 0
    voices: dict[str, Voice] = {}
    try:
        for call in calls:
            with reading(engine) as db:
                done = db.scalar(select(RecordingRow.id).where(RecordingRow.call_id == call.id))
            if not done:
                voice = voices.get(call.language) or open_voice(call.language, speech_settings())
                voices[call.language] = voice
                _register(engine, store, call, voice)
                made += 1
            advance()
    finally:
        for voice in voices.values():
            voice.close()
    return made


def speak(talk: Held, voice: Voice) -> tuple[Sound, float | None]:
    """The sound of a conversation, and the second at which its agent joins."""
    placed: list[tuple[float, int, NDArray[np.int16]]] = []
    at, shift, joined = 0.0, 0.0, None
    for said in talk.utterances:
        samples = _voiced(voice.speak(said.text), said.speaker)
        interrupts = any(other.start < said.start < other.end for other in talk.utterances)
        start = said.start + shift if interrupts else max(said.start + shift, at + GAP)
        shift = max(shift, start - said.start)
        if said.speaker is Speaker.AGENT and joined is None:
            joined = max(0.0, start - 0.3)
        placed.append((start, said.channel, samples))
        at = max(at, start + len(samples) / RATE)
    noise = np.random.default_rng(1).integers(-NOISE, NOISE, (2, int((at + 0.8) * RATE)), dtype=np.int16)
    for start, channel, samples in placed:
        first = int(start * RATE)
        noise[channel, first : first + len(samples)] += samples
    return Sound(samples=noise, rate=RATE), joined


def _voiced(sound: Sound, speaker: Speaker) -> NDArray[np.int16]:
    mono = sound.samples[0].astype(np.float32)
    places = np.arange(0, len(mono), TEMPO[speaker] * sound.rate / RATE)
    return np.asarray(np.interp(places, np.arange(len(mono)), mono) * LOUD[speaker], dtype=np.int16)


def _register(engine: Engine, store: AudioStore, call: Planned, voice: Voice) -> None:
    sound, joined = speak(held(call), voice)
    with tempfile.TemporaryDirectory(prefix="otklik-demo-") as folder:
        path = Path(folder) / "call.wav"
        write_wav(path, sound)
        with transaction(engine) as db:  # the words took their own time: the call lasted as long as its sound
            if joined is not None:
                channel = f"{call.agent}-{call.id}"
                leg = Leg(call_id=call.id, speaker=Speaker.AGENT, channel=channel, started=joined, ended=sound.duration)
                call_log.note_leg(db, leg)
            row = db.get_one(CallRow, call.id)
            row.ended_at = (row.answered_at or row.started_at) + timedelta(seconds=sound.duration)
            ended = row.ended_at
        recording, _ = intake.register(
            engine, store, path, filename=f"{call.id}.wav", language=call.language, call_id=call.id
        )
    with transaction(engine) as db:
        db.execute(update(RecordingRow).where(RecordingRow.id == recording.id).values(created_at=ended))
