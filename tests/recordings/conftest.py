"""Sound files and calls to write down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recordings.audio_store import AudioStore
from recordings.contacts.call import Call
from speech.audio.audio import Sound, write_wav


@pytest.fixture
def store(tmp_path: Path) -> AudioStore:
    return AudioStore(f"file://{tmp_path / 'recordings'}")


@pytest.fixture
def tone(tmp_path: Path) -> Callable[..., Path]:
    """Maker of a WAV of a tone: other ``hertz``, other bytes."""

    def make(hertz: float = 440, *, seconds: float = 1.0, rate: int = 8000, channels: int = 2) -> Path:
        at = np.arange(round(seconds * rate)) / rate
        wave = (8000 * np.sin(2 * np.pi * hertz * at)).astype(np.int16)
        path = tmp_path / f"tone-{hertz:g}-{rate}-{channels}.wav"
        write_wav(path, Sound(samples=np.tile(wave, (channels, 1)), rate=rate))
        return path

    return make


@pytest.fixture
def ringing() -> Callable[..., Call]:
    """Maker of a call that has just begun."""
    call = Call(
        id="1763800000.1",
        started_at=datetime(2026, 11, 22, 9, tzinfo=UTC),
        caller_number="+79161234567",
        extension="1000",
        language="ru",
        scenario="order_status",
        scenario_version="0123456789ab",
        engine="vosk-0.3.45/vosk-model-small-ru-0.22",
    )

    def make(**changes: Any) -> Call:
        return replace(call, **changes)

    return make
