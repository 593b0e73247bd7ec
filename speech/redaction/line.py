"""A text while private parts are looked for: words, and what was found already, which no rule may see again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from speech.redaction.span import PLACEHOLDER, PrivateSpan
from speech.text.tokens import Token, split

HIDDEN = "\ufffc"
"""Stands in the text for each character that was found or put out before."""
BARRIER = "[]"
"""The text of a token that stands for something hidden: no rule knows it, and none looks past it."""
TURN = "|"
"""The text of a token between what another speaker asked and the answer: a number ends here, a cue does not."""
NEW_TURN = "\x1e"
"""The character (record separator) that is such a border in a text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextLine:
    """A text and its words; both without what is hidden."""

    text: str
    words: tuple[Token, ...]
    language: str


def read_line(text: str, language: str) -> TextLine:
    """A text as the rules see it; placeholders in it are hidden."""
    if len(text.lower()) != len(text):  # İ grows when made small, and every place after it would be wrong
        text = "".join(char if len(char.lower()) == 1 else "i" for char in text)
    text = PLACEHOLDER.sub(lambda found: HIDDEN * len(found.group()), text.replace(HIDDEN, " "))
    return TextLine(text=text, words=_words(text), language=language)


def hide(line: TextLine, spans: Iterable[PrivateSpan]) -> TextLine:
    """The line without the spans."""
    parts, at = [], 0
    for span in sorted(spans):
        parts += [line.text[at : span.start], HIDDEN * (span.end - span.start)]
        at = span.end
    text = "".join([*parts, line.text[at:]])
    return replace(line, text=text, words=_words(text))


def span_of(words: Sequence[Token], first: int, last: int, kind: str) -> PrivateSpan:
    """The span of words ``first`` to before ``last``."""
    return PrivateSpan(start=words[first].start, end=words[last - 1].end, kind=kind)


def _words(text: str) -> tuple[Token, ...]:
    words: list[Token] = []
    for word in split(text):
        if HIDDEN in word.before or NEW_TURN in word.before:
            mark = BARRIER if HIDDEN in word.before else TURN
            place = word.start - 1
            words.append(Token(text=mark, raw=mark, before=" ", start=place, end=place))
            seen = max(word.before.rfind(HIDDEN), word.before.rfind(NEW_TURN)) + 1
            word = replace(word, before=word.before[seen:] or " ")
        words.append(word)
    return tuple(words)
