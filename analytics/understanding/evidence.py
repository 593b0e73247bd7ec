"""Where in the sound some words of an utterance are."""

from __future__ import annotations

from recordings.results.finding import Evidence
from speech.recognition.words import Utterance
from speech.text.tokens import tokens

LONGEST_QUOTE = 300
"""Letters of a quote; the page has the rest."""


def proof(utterance: Utterance, text: str = "") -> Evidence:
    """Evidence of a part of an utterance by the times of its words, or of the whole where they do not tell."""
    wanted = tokens(text)
    heard = [token for word in utterance.words for token in tokens(word.text)]
    owners = [word for word in utterance.words for _ in tokens(word.text)]
    if text and wanted and len(wanted) < len(heard):
        for at in range(len(heard) - len(wanted) + 1):
            if heard[at : at + len(wanted)] == wanted:
                first, last = owners[at], owners[at + len(wanted) - 1]
                return Evidence(start=first.start, end=last.end, quote=text[:LONGEST_QUOTE])
    return Evidence(start=utterance.start, end=utterance.end, quote=(text or utterance.text)[:LONGEST_QUOTE])
