"""What the page of one call shows, worked out of what is known of it: pure functions over values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby

from api.kit.failure_codes import call_codes
from api.kit.wording import sentiment_name
from recordings.calls.detail import ContactDetail
from recordings.contacts.call import RecordingState, Turn
from recordings.contacts.failure import FailureCode
from recordings.results.finding import Finding, FindingKind
from speech.display.display import displayed
from speech.recognition.words import Speaker, Utterance, Word

UNSURE = 0.6
"""A word below this confidence is underlined."""

RECORDING_DUE = timedelta(minutes=2)
"""A call that ended earlier than this and has no recording will hardly get one."""

SIGNS = {
    "keyword": "◆",
    "positive": "+",
    "negative": "−",
    "silence": "…",
    "overlap": "⇄",
    "quiet": "↓",
    "loud": "↑",
    "step": "▸",
    "neutral": "=",
    "turned_positive": "↗",
    "turned_negative": "↘",
}
MOODS = ("positive", "neutral", "negative")


class Stage(StrEnum):
    """How far a contact is; the page of one that is not ``DONE`` or ``PARKED`` keeps asking."""

    LIVE = "live"
    WAITING = "waiting"
    """Ended; its recording is being worked on or about to come."""
    DONE = "done"
    PARKED = "parked"
    SILENT = "silent"
    """No recording: refused, or it failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Words in a row that are or are not one keyword."""

    words: tuple[Word, ...]
    label: str
    """Keyword they belong to; empty for none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One turn of the transcript."""

    speaker: Speaker
    start: float
    end: float
    pieces: tuple[Piece, ...]
    mood: str
    """positive or negative where a finding says so, or what a person said it is; else empty."""
    joins: bool
    """The agent came in just before this turn."""
    corrected: bool = False
    """The mood is what a person said it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A finding on the waveform and in the list."""

    number: int
    kind: str
    label: str
    tone: str
    """positive or negative for sentiment; otherwise the kind."""
    sign: str
    speaker: Speaker
    lane: int | None
    """0 upper, 1 lower; None over both."""
    start: float
    end: float
    quote: str
    value: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioStep:
    """How long the call stayed in one node of its scenario."""

    node: str
    start: float
    end: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One channel of the waveform."""

    speakers: tuple[Speaker, ...]
    """Who is heard in it, in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallView:
    """All that the template needs beyond the values themselves."""

    stage: Stage
    duration: float
    """Seconds of sound; 0 where there is none."""
    lanes: tuple[Lane, ...]
    handover: float | None
    """Seconds from the start at which a person joined."""
    said: tuple[Said, ...]
    marks: tuple[Mark, ...]
    kinds: tuple[tuple[str, int], ...]
    """Kinds of findings with their number, in the order of the legend."""
    steps: tuple[ScenarioStep, ...]
    """The way through the scenario, by time."""
    talk: tuple[tuple[Speaker, float, float], ...]
    """Speaker, seconds, share of the duration 0..1."""
    quarters: tuple[tuple[Speaker, tuple[float | None, ...]], ...]


def view(found: ContactDetail, now: datetime, *, corrected: Mapping[str, str] | None = None) -> CallView:
    """Work out the page of a contact as it is ``now``; ``corrected`` gives the mood that people said texts have."""
    duration = found.recording.duration if found.recording else 0.0
    handover = next((leg.started for leg in found.legs if leg.speaker is Speaker.AGENT), None)
    utterances = found.transcript.utterances if found.transcript else tuple(live(found.turns))
    marks = tuple(_mark(number, finding) for number, finding in enumerate(found.findings))
    counts = {kind.value: sum(mark.kind == kind for mark in marks) for kind in FindingKind}
    measures = found.measures
    order = [speaker for speaker in Speaker if measures and speaker in measures.talk_seconds]
    return CallView(
        stage=stage(found, now),
        duration=duration,
        lanes=lanes(found, handover),
        handover=handover,
        said=tuple(_said(utterances, found.findings, handover, found.contact.language, corrected or {})),
        marks=marks,
        kinds=tuple((kind, n) for kind, n in counts.items() if n),
        steps=tuple(scenario_steps(found.turns)),
        talk=tuple((s, measures.talk_seconds[s], measures.talk_seconds[s] / duration) for s in order)
        if measures and duration
        else (),
        quarters=tuple((s, measures.sentiment_by_quarter[s]) for s in Speaker if s in measures.sentiment_by_quarter)
        if measures
        else (),
    )


def stage(found: ContactDetail, now: datetime) -> Stage:
    """How far the contact is."""
    call = found.call
    if call and call.ended_at is None:
        return Stage.LIVE
    if found.recording is None:
        hopeless = call is None or not call.consent or FailureCode.NO_RECORDING in call_codes(call)
        soon = not hopeless and call is not None and call.ended_at is not None and now - call.ended_at < RECORDING_DUE
        return Stage.WAITING if soon else Stage.SILENT
    if found.recording.state is RecordingState.PARKED:
        return Stage.PARKED
    return Stage.DONE if found.recording.state is RecordingState.ANALYSED else Stage.WAITING


def lanes(found: ContactDetail, handover: float | None) -> tuple[Lane, ...]:
    """Who is heard in which channel: by the parties of a call, by the words of an import."""
    channels = found.recording.channels if found.recording else 0
    if found.call and channels == 2:
        right = (Speaker.ROBOT,) if handover is None else (Speaker.ROBOT, Speaker.AGENT)
        return Lane(speakers=(Speaker.CALLER,)), Lane(speakers=right)
    spoken = found.transcript.utterances if found.transcript else ()
    heard = [tuple(dict.fromkeys(u.speaker for u in spoken if u.channel == channel)) for channel in range(channels)]
    return tuple(Lane(speakers=speakers or (Speaker.UNKNOWN,)) for speakers in heard)


def live(turns: Sequence[Turn]) -> Iterator[Utterance]:
    """Live turns as utterances: what is shown until the recording is transcribed."""
    for turn in turns:
        if turn.text:
            yield Utterance(
                speaker=turn.speaker,
                start=turn.start,
                end=max(turn.end, turn.start + 0.01),
                text=turn.text,
                words=turn.words,
                confidence=turn.confidence,
            )


def scenario_steps(turns: Sequence[Turn]) -> Iterator[ScenarioStep]:
    """Turns of one node in a row as one step, which lasts until the next one begins."""
    runs = [list(run) for _, run in groupby((turn for turn in turns if turn.node), key=lambda turn: turn.node)]
    for number, run in enumerate(runs):
        end = runs[number + 1][0].start if number + 1 < len(runs) else run[-1].end
        yield ScenarioStep(node=run[0].node, start=run[0].start, end=end)


def _said(
    utterances: Sequence[Utterance],
    findings: Sequence[Finding],
    handover: float | None,
    language: str,
    corrected: Mapping[str, str],
) -> Iterator[Said]:
    joined = handover is None
    for spoken in utterances:
        joins = not joined and handover is not None and spoken.start >= handover - 0.5
        joined = joined or joins
        here = [f for f in findings if _covers(f, spoken.start, spoken.end, spoken.speaker)]
        shown = displayed(spoken, language)
        words = shown.words or (Word(text=shown.text, start=spoken.start, end=spoken.end),)
        keywords = [f for f in here if f.kind is FindingKind.KEYWORD]
        moods = [f.label for f in here if f.kind is FindingKind.SENTIMENT and f.label in MOODS]
        person = corrected.get(spoken.text, "")
        yield Said(
            speaker=spoken.speaker,
            start=spoken.start,
            end=spoken.end,
            pieces=tuple(_pieces(words, keywords if spoken.words else [], spoken.speaker)),
            mood=person or (moods[0] if moods else ""),
            joins=joins,
            corrected=bool(person),
        )


def _pieces(words: Sequence[Word], keywords: Sequence[Finding], speaker: Speaker) -> Iterator[Piece]:
    def label_of(word: Word) -> str:
        return next((f.label for f in keywords if _covers(f, word.start, word.end, speaker)), "")

    for label, run in groupby(words, key=label_of):
        yield Piece(words=tuple(run), label=label)


def _covers(finding: Finding, start: float, end: float, speaker: Speaker) -> bool:
    """Whether the finding's sound is this speaker's and takes in the middle of the span, or the span its middle."""
    if finding.speaker not in (speaker, Speaker.UNKNOWN):
        return False
    evidence = finding.evidence
    middle, own = (start + end) / 2, (evidence.start + evidence.end) / 2
    return evidence.start <= middle <= evidence.end or start <= own <= end


def _mark(number: int, finding: Finding) -> Mark:
    tone = finding.kind.value
    if finding.kind is FindingKind.SENTIMENT:
        tone = finding.label if finding.label in MOODS else sentiment_name(finding.value)
    lane = {Speaker.CALLER: 0, Speaker.ROBOT: 1, Speaker.AGENT: 1}.get(finding.speaker)
    return Mark(
        number=number,
        kind=finding.kind.value,
        label=finding.label,
        tone=tone,
        sign=SIGNS.get(finding.label) or SIGNS.get(tone, "•"),
        speaker=finding.speaker,
        lane=lane if finding.kind not in (FindingKind.SILENCE, FindingKind.OVERLAP) else None,
        start=finding.evidence.start,
        end=finding.evidence.end,
        quote=finding.evidence.quote,
        value=finding.value,
    )
