"""Figures of a whole recording."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from analytics.heard import Heard
from recordings.finding import Measures
from speech.acoustics import gaps, loudness_dbfs, overlaps, pitch_hz
from speech.meaning.tokens import tokens
from speech.words import Speaker, Utterance

QUARTERS = 4


def measure(heard: Heard) -> Measures:
    duration = heard.sound.duration
    talk: defaultdict[Speaker, float] = defaultdict(float)
    words: defaultdict[Speaker, int] = defaultdict(int)
    for said in heard.transcript.utterances:
        talk[said.speaker] += said.end - said.start
        words[said.speaker] += len(tokens(said.text))
    feelings: defaultdict[Speaker, list[tuple[Utterance, float]]] = defaultdict(list)
    for said, feeling in heard.feelings:
        feelings[said.speaker].append((said, feeling))
    channels = range(len(heard.speech))
    return Measures(
        duration=round(duration, 2),
        talk_seconds={who: round(seconds, 2) for who, seconds in talk.items()},
        silence_share=round(sum(gap.duration for gap in gaps(heard.speech, duration)) / duration, 3),
        overlap_seconds=round(sum(both.duration for both in overlaps(*heard.speech)), 2) if len(channels) == 2 else 0.0,
        words_per_minute={who: round(60 * words[who] / seconds, 1) for who, seconds in talk.items()},
        loudness_dbfs=tuple(_rounded(loudness_dbfs(heard.sound.channel(n), heard.speech[n]), 1) for n in channels),
        caller_pitch_hz=_rounded(pitch_hz(heard.sound.channel(0), heard.speech[0]), 0) if len(channels) == 2 else None,
        sentiment={who: round(mean, 3) for who, said in feelings.items() if (mean := _mean(said)) is not None},
        sentiment_by_quarter={who: _by_quarter(said, duration) for who, said in feelings.items()},
    )


def _by_quarter(said: Sequence[tuple[Utterance, float]], duration: float) -> tuple[float | None, ...]:
    quarters: list[list[tuple[Utterance, float]]] = [[] for _ in range(QUARTERS)]
    for utterance, feeling in said:
        middle = (utterance.start + utterance.end) / 2
        quarters[min(QUARTERS - 1, int(QUARTERS * middle / duration))].append((utterance, feeling))
    return tuple(_rounded(_mean(quarter), 3) for quarter in quarters)


def _mean(said: Sequence[tuple[Utterance, float]]) -> float | None:
    """Mean feeling, in which each second of speech weighs the same."""
    seconds = sum(utterance.end - utterance.start for utterance, _ in said)
    return sum(feeling * (utterance.end - utterance.start) for utterance, feeling in said) / seconds if said else None


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
