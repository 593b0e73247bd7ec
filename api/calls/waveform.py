"""The shape of a sound for the waveform: computed once, then kept beside the sound."""

from __future__ import annotations

import json

import numpy as np

from recordings.audio_store import AudioStore, recorded_key
from recordings.contacts.call import Recording
from recordings.errors import SoundMissing
from speech.audio.audio import Sound, read_sound
from speech.temporary_folders import temporary_folder

POINTS = 1600
"""Columns of the waveform at least; more than a wide screen shows."""
POINTS_A_SECOND, MOST_POINTS = 10, 16_000
"""Columns of long recordings, to zoom into."""


def peaks(sound: Sound, points: int = POINTS) -> list[list[float]]:
    """Loudest sample 0..1 of each of ``points`` equal parts, a list a channel."""
    frames = sound.samples.shape[1]
    edges = np.linspace(0, frames, min(points, frames), endpoint=False, dtype=np.int64)
    highest = np.maximum.reduceat(sound.samples, edges, axis=1).astype(np.int32)  # no wide copy of all the sound
    lowest = np.minimum.reduceat(sound.samples, edges, axis=1).astype(np.int32)
    loud = np.maximum(highest, -lowest)
    return [[round(float(value), 3) for value in channel] for channel in loud / 32768]


def stored_peaks(store: AudioStore, recording: Recording) -> bytes:
    """JSON ``{"duration": seconds, "peaks": [[0..1, …], …]}`` of a recording.

    Raises:
        SoundMissing: there is no sound, or the store has lost it.
        AudioFormatError: the sound cannot be decoded.
    """
    key = f"{recorded_key(recording.key)}.peaks.json"
    try:
        with store.open(key) as file:
            return file.read()
    except SoundMissing:
        pass
    with store.open(recording.key) as file:
        sound = read_sound(file)
    points = min(MOST_POINTS, max(POINTS, int(sound.duration * POINTS_A_SECOND)))
    body = json.dumps({"duration": sound.duration, "peaks": peaks(sound, points)}, separators=(",", ":")).encode()
    with temporary_folder("waveform") as folder:
        copy = folder / "peaks.json"
        copy.write_bytes(body)
        store.put(key, copy)
    return body
