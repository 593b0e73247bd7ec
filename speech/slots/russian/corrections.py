"""Russian self-corrections: "нет, не вторник, а среда", "в пять, точнее, в шесть"."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from speech.slots.russian.grammar import forms, parses
from speech.text.language import pack
from speech.text.tokens import split

MARKERS = """
    ой нет | ой | нет нет | нет не так | подождите | стоп | извините | простите | пардон | хотя нет | хотя | а нет |
    не так | ошибся | ошиблась | оговорился | оговорилась | перепутал | перепутала | точнее | вернее | точнее говоря |
    вернее сказать | то есть | лучше | лучше даже | нет лучше | я имел в виду | я имела в виду | имел в виду |
    имела в виду | имею в виду | я хотел сказать | я хотела сказать | хотел сказать | хотела сказать | поправка |
    исправьте | исправьте на | поменяйте на | замените на | нет | неправильно | неверно | не то | тьфу | секунду |
    погодите | постойте | уточню | поправлюсь | а вообще | нет давайте | давайте лучше
"""
"""Phrases people say between the slip and what they meant."""
SOFT = frozenset(forms("нет хотя лучше ой секунду стоп подождите"))
"""Markers that are just words when nothing of weight follows: "нет спасибо"."""
POLITE = frozenset(forms("спасибо пожалуйста благодарю до свидания проблем надо нужно хочу знаю"))
BEFORE_NONE = frozenset(forms("меня нас него нее них его ее их пока еще больше уже или да конечно точно совсем вообще"))
"""After these "нет" says that something is missing, or refuses: "у меня нет почты"."""
LONGEST_SLIP = 8
"""Words that may stand between "не" and "а"."""
OPINIONS = frozenset(forms("знаю хочу могу понимаю буду помню хотел хотела надо нужно было работает только"))
"""After "не" these deny no value: "не знаю, а что"."""


def corrected(text: str) -> str:
    """What stands after the last self-correction, as it was written; the text itself where nothing is corrected."""
    words = split(text)
    spans = parts([word.text for word in words])
    if not spans or spans[-1] == (0, len(words)):
        return text
    first, last = spans[-1]
    return text[words[first].start : words[last - 1].end]


def parts(words: Sequence[str]) -> list[tuple[int, int]]:
    """Where a speaker begins anew: index spans between self-corrections, in order; what was denied is left out.

    The last span stands; an earlier one counts for what no later one says: "завтра в пять, ой нет, в шесть".
    """
    spans: list[tuple[int, int]] = []
    for first, last in _between_markers(words):
        spans += _without_denied(words, first, last)
    return spans


def _between_markers(words: Sequence[str]) -> list[tuple[int, int]]:
    spans, start, at = [], 0, 0
    while at < len(words):
        length = _marker(words, at)
        if not length:
            at += 1
            continue
        if at > start:
            spans.append((start, at))
        at += length
        start = at
    if start < len(words):
        spans.append((start, len(words)))
    return spans


def _marker(words: Sequence[str], at: int) -> int:
    """How many words here say that the speaker corrects himself; 0 for none."""
    length = next((len(phrase) for phrase in _markers() if tuple(words[at : at + len(phrase)]) == phrase), 0)
    rest = [word for word in words[at + length : at + length + 2] if word not in pack("ru").fillers]
    if not length or not words[at + length :]:
        return 0
    if length == 1 and words[at] == "нет" and (_follows_none(words, at) or _is_missing(words[at + 1])):
        return 0
    if words[at] in SOFT and (not rest or rest[0] in POLITE or (rest[0] == "не" and rest[-1] in POLITE)):
        return 0
    return length


def _follows_none(words: Sequence[str], at: int) -> bool:
    return at > 0 and words[at - 1] in BEFORE_NONE


def _is_missing(word: str) -> bool:
    """Whether "нет" before the word says that there is none of it: "нет почты"."""
    tag = parses(word)[0].tag
    return "NOUN" in tag and "inan" in tag and tag.case == "gent"


def _without_denied(words: Sequence[str], first: int, last: int) -> list[tuple[int, int]]:
    """The span without what it denies: "не X а Y" is Y, "Y а не X" too, both with what stands around them."""
    for at in range(first, last):
        if words[at] == "а" and at + 1 < last and words[at + 1] == "не" and at > first:
            rest = min(at + 2 + LONGEST_SLIP, last)
            return [(rest, last), (first, at)] if rest < last else [(first, at)]
        if words[at] != "не" or at + 1 >= last or words[at + 1] in OPINIONS:
            continue
        but = next(
            (place for place in range(at + 2, min(at + LONGEST_SLIP, last - 1)) if words[place] in {"а", "но"}), 0
        )
        if but and words[but + 1] != "не":
            stands = [(but + 1, last)]
            return [(first, at), *stands] if at > first else stands
    return [(first, last)]


@cache
def _markers() -> tuple[tuple[str, ...], ...]:
    """Every marker, longest first."""
    phrases = (tuple(marker.split()) for marker in MARKERS.split("|"))
    return tuple(sorted(phrases, key=len, reverse=True))
