"""A transcript with its private parts put out, and the seconds of sound where they were said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from speech.recognition.words import Transcript, Utterance, Word
from speech.redaction.line import NEW_TURN
from speech.redaction.redaction import VERSION, PrivateSpan, find_private, placeholder, put_out

MARGIN = 0.1
"""Seconds by which a part is widened on both sides: engines place the borders of words to some 0.05-0.1 s."""
LONGEST_PAUSE = 20.0
"""Seconds between two utterances of a speaker that may still say one number."""
SHORT = 6
"""Words of another speaker between two utterances that do not part them: "так", "угу", digits said after."""
MOST_UTTERANCES = 12
MOST_CHARACTERS = 2_000
"""Characters of a speaker's utterances read as one text: a bound for the time, not for what is found."""
QUESTION = 240
"""Characters of the other speaker's last words that tell what is answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateSound:
    """Seconds in which something private is heard."""

    kind: str
    utterance: int
    """Index in the transcript."""
    channel: int
    start: float
    """Seconds from the start of the sound."""
    end: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Redaction:
    """What everyone may see of a transcript."""

    transcript: Transcript
    """With placeholders for what is private. Each is one word that lasts as long as the words it stands for."""
    spans: tuple[PrivateSound, ...]
    """By utterance and time."""
    version: str
    """Version of the rules."""


def redact_transcript(transcript: Transcript) -> Redaction:
    """Put out everything private; what is redacted already stays as it is.

    Utterances of a speaker are read together, so that a number cut by a pause is found, after what the other speaker
    asked last: "номер карты, пожалуйста" tells what the digits behind it are.
    """
    utterances = list(transcript.utterances)
    private: dict[int, list[PrivateSpan]] = {}
    for question, group in _groups(utterances):
        for index, span in _in_group(utterances, question, group, transcript.language):
            private.setdefault(index, []).append(span)
    sounds: list[PrivateSound] = []
    for index in sorted(private):
        spans = sorted(private[index])
        sounds += _sounds(utterances[index], index, spans)
        utterances[index] = _redacted(utterances[index], spans, transcript.language)
    return Redaction(transcript=replace(transcript, utterances=tuple(utterances)), spans=tuple(sounds), version=VERSION)


def _groups(utterances: Sequence[Utterance]) -> Iterator[tuple[str, list[int]]]:
    """Utterances of one speaker that are read together, and what the other had said before them."""
    open_groups: dict[tuple[str, int], tuple[str, list[int]]] = {}
    between: dict[tuple[str, int], int] = {}
    last_of: dict[tuple[str, int], str] = {}
    for index, utterance in enumerate(utterances):
        speaker = (str(utterance.speaker), utterance.channel)
        size = len(utterance.text.split())
        for other in open_groups:
            if other != speaker:
                between[other] += size
        group = open_groups.get(speaker)
        if group and _goes_on(utterances, group[1], utterance) and between[speaker] <= SHORT:
            group[1].append(index)
        else:
            if group:
                yield group
            asked = [text for other, text in last_of.items() if other != speaker]
            open_groups[speaker] = (asked[-1][-QUESTION:] if asked else "", [index])
        between[speaker] = 0
        last_of.pop(speaker, None)
        last_of[speaker] = utterance.text  # the newest stands last
    yield from open_groups.values()


def _goes_on(utterances: Sequence[Utterance], group: Sequence[int], following: Utterance) -> bool:
    characters = sum(len(utterances[index].text) for index in group) + len(following.text)
    near = following.start - utterances[group[-1]].end <= LONGEST_PAUSE
    return near and len(group) < MOST_UTTERANCES and characters <= MOST_CHARACTERS


def _in_group(
    utterances: Sequence[Utterance], question: str, group: Sequence[int], language: str
) -> Iterator[tuple[int, PrivateSpan]]:
    """Private parts of each utterance of a group, in places of its own text."""
    text = question + NEW_TURN if question else ""
    starts: list[int] = []
    for index in group:
        starts.append(len(text))
        text += utterances[index].text.replace(NEW_TURN, " ") + " "
    for span in find_private(text, language):
        for index, start in zip(group, starts, strict=True):
            size = len(utterances[index].text)
            first, last = max(span.start - start, 0), min(span.end - start, size)
            if first < last and utterances[index].text[first:last].strip():
                yield index, PrivateSpan(start=first, end=last, kind=span.kind)


def _redacted(utterance: Utterance, spans: Sequence[PrivateSpan], language: str) -> Utterance:
    """The utterance with placeholders in its text and its words."""
    text = put_out(utterance.text, spans, language)
    places = _places(utterance)
    if places is None:
        return replace(utterance, text=text, words=())
    words: list[Word] = []
    at = 0
    while at < len(places):
        start, end = places[at]
        span = next((span for span in spans if span.start < end and start < span.end), None)
        if span is None:
            words.append(utterance.words[at])
            at += 1
            continue
        first = at
        while at < len(places) and places[at][0] < span.end:
            at += 1
        words.append(
            Word(
                text=placeholder(span.kind, language),
                start=utterance.words[first].start,
                end=utterance.words[at - 1].end,
                confidence=min(
                    (word.confidence for word in utterance.words[first:at] if word.confidence is not None), default=None
                ),
            )
        )
    return replace(utterance, text=text, words=tuple(words))


def _sounds(utterance: Utterance, index: int, spans: Sequence[PrivateSpan]) -> Iterator[PrivateSound]:
    """When the private parts were said; the whole utterance where the engine gave no times for its words."""
    places = _places(utterance)
    for span in spans:
        said = [
            word
            for word, (start, end) in zip(utterance.words, places or (), strict=False)
            if start < span.end and span.start < end
        ]
        start = said[0].start if said else utterance.start
        end = max((word.end for word in said), default=utterance.end)
        yield PrivateSound(
            kind=span.kind,
            utterance=index,
            channel=utterance.channel,
            start=max(0.0, round(start - MARGIN, 3)),
            end=round(end + MARGIN, 3),
        )


def _places(utterance: Utterance) -> list[tuple[int, int]] | None:
    """Start and end of each word in the text; None where the words are not those of the text."""
    if not utterance.words:
        return None
    text = utterance.text
    lowered = text.lower() if len(text.lower()) == len(text) else text
    places: list[tuple[int, int]] = []
    at = 0
    for word in utterance.words:
        said = word.text.strip()
        start = lowered.find(said.lower(), at) if said else at
        if start < 0 or lowered[at:start].strip():
            return None
        at = start + len(said)
        places.append((start, at))
    return places if not lowered[at:].strip() else None
