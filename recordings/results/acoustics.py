"""What was measured in the sound of a recording, once, so that rules can run over the archive without any sound."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

STEP = 0.1
"""Seconds between two levels."""
SILENT = -100
"""dBFS that stands for no sound at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acoustics:
    """One recording, measured. The first index is the channel: 0 caller, 1 robot and agent; mono has one."""

    version: str
    """Version of the measuring code."""
    duration: float
    """Seconds of sound."""
    speech: tuple[tuple[tuple[float, float], ...], ...]
    """Start and end, in seconds, of the stretches of speech of each channel, by time."""
    levels: tuple[tuple[int, ...], ...]
    """RMS level of each ``STEP`` of each channel, whole dBFS."""
    lufs: tuple[float | None, ...]
    """Integrated loudness of each channel (ITU-R BS.1770); None where it has none."""
    pitch: tuple[float | None, ...]
    """Median pitch of each channel's voice, Hz; None where it was not measured (employees) or has none."""
    clipped: tuple[float, ...] = ()
    """Share of each channel's samples at full scale."""
    dead: tuple[int, ...] = ()
    """Channels without any sound."""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Acoustics:
        """Inverse of ``to_json``."""
        return cls(
            version=body["version"],
            duration=body["duration"],
            speech=tuple(tuple((start, end) for start, end in channel) for channel in body["speech"]),
            levels=tuple(tuple(channel) for channel in body["levels"]),
            lufs=tuple(body["lufs"]),
            pitch=tuple(body["pitch"]),
            clipped=tuple(body.get("clipped", ())),
            dead=tuple(body.get("dead", ())),
        )
