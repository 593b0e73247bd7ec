"""What the examination of a recording leaves: findings with the seconds that prove them, and figures of the whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from speech.recognition.words import Speaker


class FindingKind(StrEnum):
    KEYWORD = "keyword"
    """A category of the dictionaries."""
    SENTIMENT = "sentiment"
    SILENCE = "silence"
    OVERLAP = "overlap"
    LOUDNESS = "loudness"
    INTERRUPTION = "interruption"
    MONOLOGUE = "monologue"
    DEAD_AIR = "dead_air"
    """Silence after a question."""
    SPEED = "speed"
    """Speech faster or slower than people follow."""
    PROMISE = "promise"
    ENTITY = "entity"
    """An order, product or date that was talked about; ``label`` is its kind, ``quote`` the words."""
    REASON = "reason"
    """Where the caller says what the call is about; ``label`` is the intent."""
    OUTCOME = "outcome"
    """Where it shows how the call ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The sound that proves a finding."""

    start: float
    """Seconds from the start of the recording."""
    end: float
    """Seconds from the start of the recording; not before ``start``."""
    quote: str = ""
    """Words as they were heard; empty where the finding is not about words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something in a recording worth a supervisor's ear."""

    kind: FindingKind
    label: str
    """A category of the dictionary, with its parents as ``claims/refund``; or negative, positive, turned; silence,
    hold; overlap; quiet, loud; and so on."""
    speaker: Speaker
    """Whose sound it is; ``unknown`` where it is both's or nobody's."""
    evidence: Evidence
    value: float | None = None
    """Sentiment -1..1, loudness dBFS, speed in words a minute, seconds of what lasts too long, likeness of a fuzzy
    keyword; otherwise None."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """Figures of a whole recording. Keys of the mappings are speakers: caller, robot, agent, unknown."""

    duration: float
    """Seconds of sound."""
    talk_seconds: Mapping[str, float] = field(default_factory=dict)
    talk_share: Mapping[str, float] = field(default_factory=dict)
    """0..1 of what all speakers say together: the rest of it the speaker listens."""
    silence_share: float = 0.0
    """0..1 of the duration in which nobody speaks."""
    longest_silence_seconds: float = 0.0
    overlap_seconds: float = 0.0
    """Seconds in which both channels speak."""
    interruptions: Mapping[str, int] = field(default_factory=dict)
    """How often the speaker took the word from the other one; who never did is left out."""
    longest_monologue_seconds: Mapping[str, float] = field(default_factory=dict)
    dead_air_seconds: float = 0.0
    """Seconds of silence after questions."""
    hold_seconds: float = 0.0
    """Seconds the caller was made to wait: for a person, or on the line."""
    robot_seconds: float = 0.0
    """Seconds until a person took over; all of a call that none took, 0 where no robot was."""
    words_per_minute: Mapping[str, float] = field(default_factory=dict)
    """Words over the speaker's own seconds of talk."""
    loudness_dbfs: tuple[float | None, ...] = ()
    """Loudness of the speech of each channel; None for a channel without speech."""
    loudness_lufs: tuple[float | None, ...] = ()
    """Integrated loudness of each channel (ITU-R BS.1770); None for a channel without sound."""
    clipped_share: tuple[float, ...] = ()
    """0..1 of each channel's samples at full scale."""
    dead_channels: tuple[int, ...] = ()
    """Channels that carry nothing."""
    caller_pitch_hz: float | None = None
    """Median pitch of the caller's voice; of employees it is not measured. None for mono sound and silent callers."""
    sentiment: Mapping[str, float] = field(default_factory=dict)
    """Mean over the speaker's words, -1..1."""
    sentiment_by_quarter: Mapping[str, tuple[float | None, ...]] = field(default_factory=dict)
    """The same for each quarter of the recording; None where the speaker says nothing in it."""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Measures:
        """Inverse of ``to_json``; figures unknown to this version are left out."""
        known = {name: body[name] for name in cls.__dataclass_fields__ if name in body}
        for listed in ("loudness_dbfs", "loudness_lufs", "clipped_share", "dead_channels"):
            known[listed] = tuple(known.get(listed, ()))
        known["sentiment_by_quarter"] = {k: tuple(v) for k, v in known.get("sentiment_by_quarter", {}).items()}
        return cls(**known)
