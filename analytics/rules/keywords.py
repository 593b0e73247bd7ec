"""Words of the dictionary, where they were said."""

from __future__ import annotations

from collections.abc import Iterator

from analytics.heard import Heard
from recordings.finding import Evidence, Finding, FindingKind
from speech.meaning.tokens import lemma, tokens
from speech.words import Utterance, Word


def keywords(heard: Heard) -> Iterator[Finding]:
    language = heard.transcript.language
    for utterance in heard.transcript.utterances:
        said = [(token, word) for word in _words(utterance) for token in tokens(word.text)]
        meant = [lemma(token, language) for token, _ in said]
        for keyword in heard.keywords:
            if keyword.speaker not in (None, utterance.speaker):
                continue
            for first, last in keyword.find(meant):
                quote = dict.fromkeys(word for _, word in said[first : last + 1])
                yield Finding(
                    kind=FindingKind.KEYWORD,
                    label=keyword.label,
                    speaker=utterance.speaker,
                    evidence=Evidence(
                        start=said[first][1].start,
                        end=said[last][1].end,
                        quote=" ".join(word.text.strip() for word in quote),
                    ),
                )


def _words(utterance: Utterance) -> tuple[Word, ...]:
    """Words with their times; where the engine gave none, the whole utterance is the evidence."""
    return utterance.words or (Word(text=utterance.text, start=utterance.start, end=utterance.end),)
