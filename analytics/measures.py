"""Figures of a whole recording."""

from __future__ import annotations

from analytics.heard import Heard
from recordings.finding import Measures


def measure(heard: Heard) -> Measures:
    return Measures(duration=heard.transcript.duration)
