"""Figures of a call by the names that conditions know them by."""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from typing import get_type_hints

from recordings.results.finding import Measures
from speech.recognition.words import Speaker

DERIVED = ("sentiment_end", "sentiment_change")
"""Figures made of others, each of a speaker: sentiment of the last quarter in which the speaker says something; that
less the first one."""


@cache
def measure_names() -> tuple[str, ...]:
    """Every figure a condition may name; figures of speakers with the speaker behind a dot."""
    hints = get_type_hints(Measures)
    single = [field.name for field in fields(Measures) if hints[field.name] in (float, int, float | None, int | None)]
    by_speaker = [field.name for field in fields(Measures) if "Mapping[str, float]" in str(hints[field.name])]
    return (*single, *(f"{name}.{who}" for name in (*by_speaker, *DERIVED) for who in Speaker))


def figure(name: str, measures: Measures) -> float | None:
    """None where the recording has no such figure."""
    name, _, who = name.partition(".")
    if name == "talk_share":
        whole = sum(measures.talk_seconds.values())
        return measures.talk_seconds.get(who, 0.0) / whole if whole else None
    if name in DERIVED:
        quarters = [mean for mean in measures.sentiment_by_quarter.get(who, ()) if mean is not None]
        if not quarters:
            return None
        return quarters[-1] if name == "sentiment_end" else quarters[-1] - quarters[0]
    value = getattr(measures, name)
    if who:
        value = value.get(who)
    return None if value is None else float(value)
