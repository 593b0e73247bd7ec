"""Who is who in a recording of one channel: two voices are told apart, and what they say shows whose each is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from itertools import groupby

from speech.audio.audio import Sound
from speech.audio.diarization import Voices, two_voices
from speech.audio.vad import Span
from speech.recognition.words import Speaker, Transcript, Utterance, Word
from speech.text.language import data
from speech.text.tokens import find_phrase, lemma, tokens
from speech.yaml_source import read_table

SHORTEST = 0.8
"""Seconds; within an utterance a shorter run of the other voice is not believed."""


def told_apart(transcript: Transcript, sound: Sound) -> Transcript:
    """Name the speakers of a mono recording.

    Where the sound has two voices, utterances are cut where the voice changes and given to caller and agent, and
    ``split`` says ``voices``. Otherwise the speakers stay unknown, and it says ``none``.
    """
    if any(said.speaker is not Speaker.UNKNOWN for said in transcript.utterances):
        return transcript
    voices = two_voices(sound, [Span(start=said.start, end=said.end) for said in transcript.utterances])
    if voices is None:
        return replace(transcript, split="none")
    parts = [part for said in transcript.utterances for part in _parts(said, voices)]
    agent = _agent(parts, transcript.language)
    named = (replace(said, speaker=Speaker.AGENT if voice == agent else Speaker.CALLER) for said, voice in parts)
    return replace(transcript, utterances=tuple(named), split="voices")


def _parts(said: Utterance, voices: Voices) -> list[tuple[Utterance, int]]:
    """The utterance cut where another voice goes on, with the voice of each part."""
    if not said.words:
        return [(said, voices.at((said.start + said.end) / 2))]
    runs = [(voice, list(run)) for voice, run in groupby(said.words, key=lambda word: _voice(word, voices))]
    if len(runs) > 1:
        runs = _believed(runs)
    if len(runs) == 1:
        return [(said, runs[0][0])]
    return [(_of(said, words), voice) for voice, words in runs]


def _voice(word: Word, voices: Voices) -> int:
    return voices.at((word.start + word.end) / 2)


def _believed(runs: Sequence[tuple[int, list[Word]]]) -> list[tuple[int, list[Word]]]:
    """Short runs go to the voice that is longest in the utterance; neighbours of one voice are one run again."""
    seconds = [0.0, 0.0]
    for voice, words in runs:
        seconds[voice] += words[-1].end - words[0].start
    main = int(seconds[1] > seconds[0])
    named = [(voice if words[-1].end - words[0].start >= SHORTEST else main, words) for voice, words in runs]
    return [
        (voice, [word for _, words in run for word in words]) for voice, run in groupby(named, key=lambda one: one[0])
    ]


def _of(said: Utterance, words: Sequence[Word]) -> Utterance:
    sure = [word.confidence for word in words if word.confidence is not None]
    return replace(
        said,
        start=words[0].start,
        end=max(words[-1].end, words[0].start + 0.02),
        text=" ".join(word.text for word in words),
        words=tuple(words),
        confidence=sum(sure) / len(sure) if sure else None,
    )


def _agent(parts: Sequence[tuple[Utterance, int]], language: str) -> int:
    """The voice that says what people of a company say; nothing telling, the one heard first: who answers greets."""
    cues = _cues(language)
    points = [0, 0]
    for said, voice in parts:
        words = [lemma(word, language) for word in tokens(said.text)]
        points[voice] += sum(find_phrase(words, phrase) >= 0 for phrase in cues["agent"])
        points[voice] -= sum(find_phrase(words, phrase) >= 0 for phrase in cues["caller"])
    if points[0] == points[1]:
        return parts[0][1]
    return int(points[1] > points[0])


@cache
def _cues(language: str) -> dict[str, list[list[str]]]:
    """Lemmas of what each side says; nothing in a language nobody has described."""
    file = data(language, "speaker_roles.yaml")
    if not file.is_file():
        return {"agent": [], "caller": []}
    body = read_table(file, dict[str, list[str]])
    return {
        side: [[lemma(word, language) for word in tokens(phrase)] for phrase in said] for side, said in body.items()
    }
