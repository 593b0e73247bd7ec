"""Words, what one speaker said between two pauses, and the text of a whole recording."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Speaker(StrEnum):
    """Who speaks. A recording's left channel is the caller, its right one the robot and then the agent."""

    CALLER = "caller"
    ROBOT = "robot"
    AGENT = "agent"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One recognised word."""

    text: str
    start: float
    """Seconds from the start of the sound."""
    end: float
    """Seconds from the start of the sound; not before ``start``."""
    confidence: float | None = None
    """0..1 as the engine gave it; None where the engine gives none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """What one speaker said between two pauses."""

    speaker: Speaker
    start: float
    """Seconds from the start of the sound."""
    end: float
    """Seconds from the start of the sound; later than ``start``."""
    text: str
    words: tuple[Word, ...] = ()
    confidence: float | None = None
    """Mean confidence of the words, 0..1; None where the engine gives none."""
    channel: int = 0
    """0 is left (caller), 1 is right (robot, agent)."""

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise ValueError(f"want 0 <= start < end, got {self.start}..{self.end} s")


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """All utterances of one recording, by time, and the engine that heard them."""

    language: str
    engine: str
    """Engine and model with their versions, as ``vosk-0.3.45/vosk-model-small-ru-0.22``."""
    duration: float
    """Seconds of sound."""
    utterances: tuple[Utterance, ...]
    split: str = "channels"
    """How the speakers were told apart: by ``channels``; by ``voices``, which may err; or ``none``: not at all."""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Transcript:
        """Inverse of ``to_json``.

        Raises:
            KeyError: a field is missing.
            ValueError: a speaker is unknown or times are not in order.
        """
        return cls(
            language=body["language"],
            engine=body["engine"],
            duration=body["duration"],
            split=body.get("split", "channels"),
            utterances=tuple(
                Utterance(
                    **{
                        **row,
                        "speaker": Speaker(row["speaker"]),
                        "words": tuple(Word(**w) for w in row["words"]),
                    }
                )
                for row in body["utterances"]
            ),
        )
