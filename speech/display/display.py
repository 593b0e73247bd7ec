"""Recognised words as people read them: marks, capitals, numbers in digits. The raw words stay what was heard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from speech.display.punctuation import punctuated
from speech.recognition.words import Utterance, Word
from speech.slots.inverse_text_normalization import written
from speech.slots.slots import PACKAGES

MARKS = ".,?!…:;"
MOST_WORDS = 150
"""Words of one utterance that are worked on at once: comparing takes the square of their number."""


def displayed(said: Utterance, language: str) -> Utterance:
    """The utterance as it is shown: «двадцать пятого ноября» becomes one word «25 ноября.» with the time of all three.

    A shown word may hold spaces; its confidence is the lowest of its words. Where the engine gave no words, only the
    text changes.
    """
    if not said.words:
        return replace(said, text=_written(said.text, language))
    words: list[Word] = []
    for first in range(0, len(said.words), MOST_WORDS):
        heard = said.words[first : first + MOST_WORDS]
        marked = punctuated(heard, language)
        words += _aligned(heard, marked, _written(" ".join(marked), language).split())
    return replace(said, text=" ".join(word.text for word in words), words=tuple(words))


def _written(text: str, language: str) -> str:
    return written(text, language) if language in PACKAGES else text


def _aligned(words: Sequence[Word], marked: Sequence[str], shown: Sequence[str]) -> list[Word]:
    """Shown words with the times of the heard ones they stand for."""
    matcher = SequenceMatcher(None, [_bare(text) for text in marked], [_bare(text) for text in shown], autojunk=False)
    aligned: list[Word] = []
    waiting: list[Word] = []
    for kind, first, last, begin, end in matcher.get_opcodes():
        heard, texts = [*waiting, *words[first:last]], shown[begin:end]
        waiting = []
        if kind == "equal":
            aligned += [replace(word, text=text) for word, text in zip(words[first:last], texts, strict=True)]
        elif not texts:
            waiting = heard  # nothing stands for them: they belong to what follows
        elif heard:
            aligned.append(_joined(heard, " ".join(texts)))
        elif aligned:
            aligned[-1] = replace(aligned[-1], text=" ".join((aligned[-1].text, *texts)))
    if waiting:
        aligned.append(_joined(waiting, " ".join(word.text for word in waiting)))
    return aligned


def _joined(heard: Sequence[Word], text: str) -> Word:
    sure = [word.confidence for word in heard if word.confidence is not None]
    return Word(text=text, start=heard[0].start, end=heard[-1].end, confidence=min(sure) if sure else None)


def _bare(text: str) -> str:
    return text.strip(MARKS).lower()
