"""What every voice does for us."""

from __future__ import annotations

from typing import Protocol

from speech.audio.audio import Sound


class Voice(Protocol):
    """Speaks one language. ``speak`` blocks; one request at a time is served, others wait their turn."""

    @property
    def name(self) -> str:
        """Engine and voice, as ``festival/voice_msu_ru_nsh_clunits``; part of the key of the prompt cache."""
        ...

    def speak(self, text: str) -> Sound:
        """Mono sound at the telephone rate.

        Raises:
            EngineError: the voice gave no sound for the text.
        """
        ...

    def close(self) -> None:
        """End the process behind the voice."""
        ...
