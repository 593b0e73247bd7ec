"""Figures of a whole recording."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from analytics.rules.hold_time import holds
from analytics.rules.rule_input import RuleInput
from analytics.rules.talk_turns import monologues
from recordings.results.finding import Finding, FindingKind, Measures
from speech.audio.acoustics import gaps, overlaps
from speech.recognition.words import Speaker, Utterance
from speech.text.tokens import tokens

QUARTERS = 4


def measure(heard: RuleInput, findings: Iterable[Finding] = ()) -> Measures:
    """Figures of one recording; what is counted of interruptions and dead air is what the rules found."""
    duration, acoustics, speech = heard.acoustics.duration, heard.acoustics, heard.speech
    talk: defaultdict[Speaker, float] = defaultdict(float)
    words: defaultdict[Speaker, int] = defaultdict(int)
    for said in heard.transcript.utterances:
        talk[said.speaker] += said.end - said.start
        words[said.speaker] += len(tokens(said.text))
    sentiments: defaultdict[Speaker, list[tuple[Utterance, float]]] = defaultdict(list)
    for said, feeling in heard.sentiments:
        sentiments[said.speaker].append((said, feeling))
    longest: defaultdict[Speaker, float] = defaultdict(float)
    for monologue in monologues(heard.transcript.utterances):
        longest[monologue.speaker] = max(longest[monologue.speaker], monologue.seconds)
    spoken = sum(talk.values())
    quiet = [gap.duration for gap in gaps(speech, duration)]
    found = list(findings)
    cut_in = Counter(str(each.speaker) for each in found if each.kind is FindingKind.INTERRUPTION)
    dead_air = [each.value or 0.0 for each in found if each.kind is FindingKind.DEAD_AIR]
    return Measures(
        duration=round(duration, 2),
        talk_seconds={who: round(seconds, 2) for who, seconds in talk.items()},
        talk_share={who: round(seconds / spoken, 3) for who, seconds in talk.items()},
        silence_share=round(sum(quiet) / duration, 3),
        longest_silence_seconds=round(max(quiet, default=0.0), 2),
        overlap_seconds=round(sum(both.duration for both in overlaps(*speech)), 2) if len(speech) == 2 else 0.0,
        interruptions=dict(cut_in),
        longest_monologue_seconds={who: round(seconds, 2) for who, seconds in longest.items()},
        words_per_minute={who: round(60 * words[who] / seconds, 1) for who, seconds in talk.items()},
        dead_air_seconds=round(sum(dead_air), 1),
        hold_seconds=round(sum(wait.duration for wait in holds(heard)), 2),
        robot_seconds=_robot_seconds(heard),
        loudness_dbfs=tuple(_rounded(heard.level(n, *spans), 1) for n, spans in enumerate(speech)),
        loudness_lufs=acoustics.lufs,
        clipped_share=acoustics.clipped,
        dead_channels=acoustics.dead,
        caller_pitch_hz=acoustics.pitch[0] if len(acoustics.pitch) == 2 else None,
        sentiment={who: round(mean, 3) for who, said in sentiments.items() if (mean := _mean(said)) is not None},
        sentiment_by_quarter={who: _by_quarter(said, duration) for who, said in sentiments.items()},
    )


def _robot_seconds(heard: RuleInput) -> float:
    """Until a person took over: as the call's record has it, otherwise until the robot's last word."""
    if heard.call.robot_until is not None:
        return round(heard.call.robot_until, 2)
    return round(max((s.end for s in heard.transcript.utterances if s.speaker is Speaker.ROBOT), default=0.0), 2)


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
