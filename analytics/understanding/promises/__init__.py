"""Promises and next steps of a call: who said they would do what, and by when.

The rules of a language are a module, ``russian`` or ``english``, with one function:

    said(words: Sequence[str], speaker: Speaker) -> list[Said]

over the words of one sentence, lower case, ё as е. A question, a refusal, a condition, somebody else's word ("you said
they would call") and advice to the other side are no promises. A caller promises in the first person only; the company
also speaks of its own people and things: "the courier will bring it".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from analytics.understanding.evidence import proof
from analytics.understanding.promises import english, russian
from analytics.understanding.promises.clause import Said
from analytics.understanding.promises.due import due
from recordings.results.meaning import Promise
from speech.recognition.words import Speaker, Transcript, Utterance
from speech.text.tokens import split

RULES: dict[str, Callable[[Sequence[str], Speaker], list[Said]]] = {"ru": russian.said, "en": english.said}
NEXT_WORDS = 2.0
"""Seconds of pause over which the same speaker's next words may still say when: "we'll call you back … tomorrow"."""
LONGEST_SENTENCE = 60
"""Words looked at as one sentence: a recogniser's text without marks is cut there."""

_SENTENCE = re.compile(r"[^.!?…]+[.!?…]*")


def promises(transcript: Transcript, *, now: datetime) -> tuple[Promise, ...]:
    """Promises of a transcript by time; none in a language without rules.

    Args:
        transcript: Of any length; the time taken grows with it alone.
        now: When the call was, on the clocks of those who speak: "tomorrow" is the day after.
    """
    if transcript.language not in RULES:
        return ()
    found: dict[tuple[str, str], Promise] = {}
    for at, utterance in enumerate(transcript.utterances):
        after = _continues(transcript.utterances, at)
        for promise in _of(utterance, after, transcript.language, now):
            known = found.get((promise.kind, promise.speaker))
            if known is None or (promise.due and not known.due):
                found[promise.kind, promise.speaker] = promise
            elif promise.due and promise.due != known.due:
                found[f"{promise.kind} {promise.due}", promise.speaker] = promise
    return tuple(sorted(found.values(), key=lambda promise: promise.evidence.start))


def _of(utterance: Utterance, after: str, language: str, now: datetime) -> Iterator[Promise]:
    sentences = [*_sentences(utterance.text)]
    for number, (text, asks) in enumerate(sentences):
        words = split(text)
        if asks or not words:
            continue
        following = sentences[number + 1][0] if number + 1 < len(sentences) else after
        for said in RULES[language]([word.text for word in words], utterance.speaker):
            own = text[words[said.first].start : words[said.last - 1].end]
            when = due(own, language, now) or due(text, language, now)
            if not when and len(following.split()) <= LONGEST_SENTENCE // 10:
                when = due(following, language, now)
            if said.at_once and not when:
                continue
            yield Promise(kind=said.kind, speaker=utterance.speaker, due=when, evidence=proof(utterance, text))


def _sentences(text: str) -> Iterator[tuple[str, bool]]:
    """Each sentence, and whether it asks."""
    for match in _SENTENCE.finditer(text):
        sentence = match.group().strip()
        words = sentence.split()
        for first in range(0, len(words), LONGEST_SENTENCE):
            yield " ".join(words[first : first + LONGEST_SENTENCE]), sentence.endswith("?")


def _continues(utterances: Sequence[Utterance], at: int) -> str:
    """What the same speaker says right after, before anybody else; empty where there is nothing."""
    if at + 1 == len(utterances):
        return ""
    here, after = utterances[at], utterances[at + 1]
    goes_on = after.speaker is here.speaker and after.start - here.end <= NEXT_WORDS
    return after.text if goes_on else ""
