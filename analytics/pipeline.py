"""Sound → transcript → findings, without queue or database: the workers and the command line do the same."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from analytics.dictionary import RuleSet
from analytics.heard import Heard
from analytics.measures import measure
from analytics.rules import RULES
from analytics.sides import told_apart
from recordings.finding import Finding, Measures
from speech.audio import Sound
from speech.meaning.sentiment import sentiment
from speech.recognizer import Recognizer
from speech.vad import Span, speech_spans
from speech.words import Speaker, Transcript, Utterance

TOLD_BY = 600.0
"""Seconds from the start that are enough to compare channels."""
SAME = 1e-3
"""Share of the power by which two channels may differ and still be one sound: lossy codecs change it by less."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """What the rules found in one transcript and its sound."""

    rule_set: str
    """Version of the rules and dictionaries."""
    findings: tuple[Finding, ...]
    """By time."""
    measures: Measures


def transcribe_sound(sound: Sound, recognizer: Recognizer, *, agent_from: float | None = 0.0) -> Transcript:
    """Recognise each channel by itself and put the utterances in order of time; voices in one channel are told apart.

    Args:
        sound: Mono, or stereo with the same on both sides: speakers are told by their voices, or stay unknown. Stereo:
            the caller is left.
        recognizer: Of the language that is spoken.
        agent_from: Seconds from which the right channel is the agent's and no more the robot's; None: it is the
            robot's throughout. A recording that is not of our robot has an agent from the start.

    Raises:
        EngineError: the engine failed on the sound.
        EngineBusy: no free slot now.
    """
    sound = _told_apart(sound)
    utterances: list[Utterance] = []
    for channel in range(sound.channels):
        speaker = Speaker.CALLER if channel == 0 else Speaker.ROBOT if channel == 1 else Speaker.UNKNOWN
        if sound.channels == 1:
            speaker = Speaker.UNKNOWN
        for utterance in recognizer.recognize(sound.channel(channel), speaker=speaker, channel=channel):
            middle = (utterance.start + utterance.end) / 2
            is_agent = speaker is Speaker.ROBOT and agent_from is not None and middle >= agent_from
            utterances.append(replace(utterance, speaker=Speaker.AGENT) if is_agent else utterance)
    transcript = Transcript(
        language=recognizer.language,
        engine=recognizer.engine,
        duration=sound.duration,
        utterances=tuple(sorted(utterances, key=lambda said: (said.start, said.channel))),
    )
    return told_apart(transcript, sound) if sound.channels == 1 else transcript


def analyse_transcript(
    transcript: Transcript, sound: Sound, rule_set: RuleSet, *, agent_from: float | None = 0.0
) -> Analysis:
    """Apply every rule to what was said and how it sounds; ``agent_from`` as in ``transcribe_sound``."""
    sound = _told_apart(sound)
    spans = tuple(
        speech_spans(sound.channel(channel), min_silence=0.3, before=0.0, after=0.0)
        for channel in range(sound.channels)
    )
    said_by_people = (said for said in transcript.utterances if said.speaker is not Speaker.ROBOT)
    heard = Heard(
        transcript=transcript,
        sound=sound,
        speech=spans,
        keywords=rule_set.lexicon(transcript.language),
        feelings=tuple((said, sentiment(said.text, transcript.language).value) for said in said_by_people),
        hold=_hold(transcript, agent_from),
    )
    findings = [finding for rule in RULES for finding in rule(heard)]
    return Analysis(
        rule_set=rule_set.version,
        findings=tuple(sorted(findings, key=lambda found: (found.evidence.start, found.kind, found.label))),
        measures=measure(heard),
    )


def _hold(transcript: Transcript, agent_from: float | None) -> Span | None:
    """From the end of the robot's last words to the agent's joining."""
    last = max((said.end for said in transcript.utterances if said.speaker is Speaker.ROBOT), default=None)
    joined = min(agent_from or 0.0, transcript.duration)
    return Span(start=last, end=joined) if last is not None and last < joined else None


def _told_apart(sound: Sound) -> Sound:
    """Many recorders write one and the same mono sound on both sides: that is one channel, not two speakers at once."""
    if sound.channels != 2:
        return sound
    left, right = sound.cut(0, TOLD_BY).samples.astype(np.float32)
    heard, differs = float(np.mean(left**2)), float(np.mean((left - right) ** 2))
    return sound.channel(0) if differs < SAME * heard else sound
