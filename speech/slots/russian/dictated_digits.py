"""Digits that someone dictates in Russian, in groups of any size, with slips and their repair."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from speech.slots.contacts import e164
from speech.slots.russian.corrections import parts
from speech.slots.russian.grammar import forms, is_noun, table, word_at
from speech.slots.russian.numerals import numeral_at
from speech.slots.slots import NOTHING, Slot
from speech.text.language import pack
from speech.text.tokens import Token

STEMS = table(
    {
        1: "единиц единичк",
        2: "двойк двоечк",
        3: "тройк троечк",
        4: "четверк",
        5: "пятерк пятерочк",
        6: "шестерк",
        7: "семерк семерочк",
        8: "восьмерк восьмерочк",
        9: "девятк",
        10: "десятк",
    }
)
ENDINGS = ("а", "у", "и", "ы", "ой", "")
FIGURES = {stem + ending: value for stem, value in STEMS.items() for ending in ENDINGS} | {
    stem[:-1] + vowel + "к": value for stem, value in STEMS.items() if stem.endswith("к") for vowel in "ео"
}
"""Names of the figures, "пятёрка", in each form: they may be counted, "три пятёрки"."""
ZEROS = frozenset(forms("нуля ноля нулей нолей нулика нулика ноликов"))
"""Zeros in the form that follows their count: "три нуля"."""
PHONE = 10
"""Digits of a phone."""
BETWEEN = frozenset(forms("дальше потом затем далее еще тире дефис пробел черточка минус дробь слеш"))
"""Words that part groups and say no digit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dictated:
    """Groups of digits said one after another."""

    groups: tuple[str, ...]
    first: int
    last: int
    plus: bool = False
    """Whether "плюс" or ``+`` was said before the first."""

    @property
    def digits(self) -> str:
        return "".join(self.groups)


def digits(words: Sequence[Token]) -> Slot:
    """The digits that were dictated, after all corrections; of several numbers the longest, of equals the last."""
    best = max(reversed(_repaired(words)), key=lambda run: len(run.digits), default=None)
    if best is None:
        return NOTHING
    sure = 0.9 if len(best.digits) > 1 else 0.7
    return Slot(value=best.digits, confidence=sure, first=best.first, last=best.last)


def phone(words: Sequence[Token], region: str) -> Slot:
    """The last phone that was dictated or typed, in E.164."""
    best = NOTHING
    for run in _repaired(words, whole=PHONE):
        found = e164(("+" if run.plus else "") + run.digits, region)
        if found and found[1] >= best.confidence:
            best = Slot(value=found[0], confidence=found[1], first=run.first, last=run.last)
    return best


def _repaired(words: Sequence[Token], *, whole: int = 0) -> list[Dictated]:
    """Every run of digits; one that corrects the run before it has taken its place.

    Digits after a self-correction replace the number where they make a whole one: ``whole`` digits, or as many as
    before. Fewer replace the last group and go on: "сто двадцать три, нет, сто двадцать четыре, сорок пять".
    """
    found: list[Dictated] = []
    for first, last in parts([word.text for word in words]):
        earlier = found[-1] if found else None
        for place, run in enumerate(runs(words, first, last)):
            enough = earlier is None or len(run.digits) >= (whole or len(earlier.digits))
            if earlier is None or enough or place > 0 or len(earlier.groups) < 2:
                found.append(run)
                continue
            groups = (*earlier.groups[:-1], *run.groups)
            found[-1] = Dictated(groups=groups, first=earlier.first, last=run.last, plus=earlier.plus)
    return found


def runs(words: Sequence[Token], first: int = 0, last: int | None = None) -> list[Dictated]:
    """Stretches of digits between ``first`` and ``last``, not looking at corrections."""
    last = len(words) if last is None else last
    found, at = [], first
    while at < last:
        groups, end = _groups(words, at, last)
        if groups and not _counts(words, at, end, groups):
            found.append(Dictated(groups=groups, first=at, last=end, plus=_after_plus(words, at)))
        at = max(end, at + 1)
    return found


def _groups(words: Sequence[Token], at: int, last: int) -> tuple[tuple[str, ...], int]:
    """The groups that begin here and the index after them; fillers between them are passed over."""
    skipped = pack("ru").fillers | BETWEEN
    groups: list[str] = []
    end = at
    while at < last:
        group, after = group_at(words, at)
        if group and after <= last and not (groups and _sentence_between(words[at])):
            groups.append(group)
            at = end = after
        elif groups and (words[at].text in skipped or _joins(words, at)):
            at += 1
        else:
            break
    return tuple(groups), end


def group_at(words: Sequence[Token], at: int, *, times: bool = True) -> tuple[str, int]:
    """The digits said as one number, figure or repetition here, and the index after them; empty where none are.

    ``times`` tells whether "три раза пять" repeats a digit: so it does for one who dictates, not in running text.
    """
    word = words[at].text
    if word in FIGURES:
        return str(FIGURES[word]), at + 1
    numeral = numeral_at(words, at)
    if numeral is None or numeral.ordinal:
        return "", at
    following = word_at(words, numeral.last)
    if 2 <= numeral.value <= 9 and not numeral.typed:
        if following in ZEROS:
            return "0" * numeral.value, numeral.last + 1
        if following in FIGURES and FIGURES[following] < 10:
            return str(FIGURES[following]) * numeral.value, numeral.last + 1
        start = _after_times(words, numeral.last) if times else numeral.last
        again = numeral_at(words, start) if start < len(words) else None
        if start > numeral.last and again and not again.ordinal and again.value < 10:
            return again.literal * numeral.value, again.last
    return numeral.literal, numeral.last


def _after_times(words: Sequence[Token], at: int) -> int:
    """The index after "раза", "по", "раза по", which say that a digit is repeated; the index itself without them."""
    for phrase in (["раза", "по"], ["раз", "по"], ["раза"], ["раз"], ["по"]):
        if [word.text for word in words[at : at + len(phrase)]] == phrase:
            return at + len(phrase)
    return at


def _counts(words: Sequence[Token], first: int, last: int, groups: tuple[str, ...]) -> bool:
    """Whether a lone spoken number counts things ("два раза", "по семь") instead of being dictated."""
    if len(groups) > 1 or words[first].text.isdecimal() or len(groups[0]) > 2:
        return False
    after = word_at(words, last)
    return (first > 0 and words[first - 1].text == "по") or bool(after and after != "номер" and is_noun(after))


def _joins(words: Sequence[Token], at: int) -> bool:
    """Whether "и" stands between dictated digits: "два и семь"; typed numbers are two."""
    return words[at].text == "и" and at + 1 < len(words) and not words[at + 1].text.isdecimal()


def _after_plus(words: Sequence[Token], at: int) -> bool:
    return words[at].before.rstrip(" (").endswith("+") or (at > 0 and words[at - 1].text == "плюс")


def _sentence_between(word: Token) -> bool:
    """Whether a mark before typed digits ends what came before them."""
    return word.before.startswith((". ", "; ", "! ", "? ")) and word.text.isdecimal()
