"""Words of the dictionary, where they were said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

from analytics.dictionary import Lexicon, LexiconUtterance
from recordings.results.finding import Evidence, Finding, FindingKind
from speech.recognition.words import Transcript, Utterance, Word
from speech.redaction.redaction import PLACEHOLDER
from speech.text.tokens import tokens

HIDDEN = "[]"
"""Stands for what redaction has taken out: marks are in no word of a dictionary."""
MOST_FINDINGS = 50
"""Findings of one label in one call: a rule that matches everything fills no table; how often is told by the trial."""


def keyword_findings(transcript: Transcript, lexicon: Lexicon | None) -> Iterator[Finding]:
    """Everything the dictionary finds in a transcript without private parts, by time; ``value`` tells the likeness of a
    fuzzy match."""
    if lexicon is None:
        return
    said = [_lexicon_utterance(utterance) for utterance in transcript.utterances]
    found: Counter[str] = Counter()
    for hit in lexicon.find([spoken for spoken, _ in said], duration=transcript.duration):
        found[hit.label] += 1
        if found[hit.label] > MOST_FINDINGS:
            continue
        spoken, texts = said[hit.utterance]
        quote = dict.fromkeys(texts[hit.first : hit.last + 1])
        yield Finding(
            kind=FindingKind.KEYWORD,
            label=hit.label,
            speaker=transcript.utterances[hit.utterance].speaker,
            evidence=Evidence(
                start=spoken.starts[hit.first],
                end=spoken.ends[hit.last],
                quote=" ".join(word.text.strip() for word in quote),
            ),
            value=hit.likeness if hit.likeness < 1 else None,
        )


def _lexicon_utterance(utterance: Utterance) -> tuple[LexiconUtterance, list[Word]]:
    """An utterance for the dictionary, and the word as it was heard of each of its words."""
    # where the engine gave no times of words, the whole utterance is the evidence
    heard = utterance.words or (Word(text=utterance.text, start=utterance.start, end=utterance.end),)
    pairs = [(token, word) for word in heard for token in _tokens(word.text)]
    texts = [word for _, word in pairs]
    spoken = LexiconUtterance(
        words=[token for token, _ in pairs],
        speaker=utterance.speaker,
        start=utterance.start,
        end=utterance.end,
        starts=[word.start for word in texts],
        ends=[word.end for word in texts],
    )
    return spoken, texts


@lru_cache(maxsize=100_000)
def _tokens(heard: str) -> tuple[str, ...]:
    """People say the same words again and again: over an archive this is a quarter of the work.

    A placeholder is one word that no dictionary has: neither what is hidden is found, nor "phone" in ``[phone]``.
    """
    first, *others = PLACEHOLDER.split(heard)
    found = tokens(first)
    for text in others:
        found += [HIDDEN, *tokens(text)]
    return tuple(found)
