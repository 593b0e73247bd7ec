"""How well a recogniser hears: figures for tests and benches."""

from __future__ import annotations

from speech.slots.numbers import written


def word_error_rate(reference: str, heard: str, language: str) -> float:
    """Share of words that were heard wrongly, left out or made up, against the words of the reference; may exceed 1.

    Case, punctuation, ё and how numbers are written do not count.

    Raises:
        ValueError: the reference has no words.
    """
    return corpus_error_rate([(reference, heard)], language)


def corpus_error_rate(pairs: list[tuple[str, str]], language: str) -> float:
    """`word_error_rate` over many (reference, heard) as if they were one text.

    Raises:
        ValueError: a reference has no words.
    """
    import jiwer

    references = [_words(reference, language) for reference, _ in pairs]
    if not all(references):
        raise ValueError("a reference has no words")
    return float(jiwer.wer(references, [_words(heard, language) for _, heard in pairs]))


def _words(text: str, language: str) -> str:
    """Each digit a word: ``4127``, ``41 27`` and ``four one two seven`` are one thing said in different ways."""
    words = []
    for word in written(text, language).split():
        words += list(word) if word.isdecimal() else [word]
    return " ".join(words)
