"""What a node waits for, and what the caller's words or keys mean to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from speech.language import pack
from speech.meaning.numbers import digits as spoken_digits
from speech.meaning.phrases import best_match, yes_no
from speech.meaning.tokens import find_phrase, lemma, tokens

UNCLEAR = "unclear"
NUMBER = "number"
UNSURE = "unsure"
"""A number was heard, but not well enough to rely on."""
YES, NO = "yes", "no"
PERSON = "person"
NO_RECORDING = "no_recording"


@dataclass(frozen=True, slots=True, kw_only=True)
class DigitSlot:
    """A number the caller says or keys in."""

    slot: str
    """Fact it fills, as ``order.number``."""
    shortest: int
    longest: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """One question's possible answers: a number, choices, yes or no; all at once if wanted, tried in that order."""

    language: str
    number: DigitSlot | None = None
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Label → ways to say it."""
    alone: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Label → words that mean it only when nothing else is said."""
    requests: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Label → phrases that go before every other meaning, wherever they stand in the answer."""
    yes_no: bool = False
    open: bool = False
    """Free speech may come: no grammar narrows the recogniser."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """Key → label."""
    patience: float = 0.7
    """Seconds of silence that end the caller's turn."""
    timeout: float = 6.0
    """Seconds to wait for the first word."""
    sure: float = 0.0
    """Confidence below which a heard number is ``unsure``."""

    @property
    def labels(self) -> frozenset[str]:
        """Every label an answer can have, besides what is understood anywhere."""
        labels = {*self.choices, *self.alone, *self.keys.values()}
        if self.number:
            labels |= {NUMBER, UNSURE} if self.sure else {NUMBER}
        return frozenset(labels | {YES, NO} if self.yes_no else labels)


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What an answer amounts to."""

    label: str
    facts: Mapping[str, str] = field(default_factory=dict)


def grammar(expectation: Expectation) -> tuple[str, ...]:
    """Phrases a recogniser may be narrowed to; empty for a question with free answers.

    Requests understood anywhere are always among them: a caller may ask for a person at any question.
    """
    if expectation.open:
        return ()
    words = pack(expectation.language)
    groups = (*expectation.choices.values(), *expectation.alone.values())
    phrases: list[str] = [phrase for ways in groups for phrase in ways]
    if expectation.yes_no:
        phrases += [*words.agree, *words.disagree]
    if expectation.number:
        numbers = words.numbers
        for group in (numbers.values, numbers.multipliers, numbers.repeats, numbers.inside, numbers.joining):
            phrases += group
    return tuple(dict.fromkeys([*phrases, *words.person, *words.no_recording]))


def interpret(expectation: Expectation, text: str, confidence: float | None = None) -> Meaning:
    """What the caller's words mean to the question; label ``unclear`` when they fit nothing."""
    language = expectation.language
    words = pack(language)
    anywhere = {PERSON: words.person, NO_RECORDING: words.no_recording}
    if match := best_match(text, anywhere, language):
        return Meaning(label=match[0])
    said = _lemmas(text, language)
    for label, ways in expectation.requests.items():
        if any(find_phrase(said, _lemmas(way, language)) >= 0 for way in ways):
            return Meaning(label=label)
    if slot := expectation.number:
        number = spoken_digits(text, language) or ""
        if slot.shortest <= len(number) <= slot.longest:
            sure = confidence is None or confidence >= expectation.sure
            return Meaning(label=NUMBER if sure else UNSURE, facts={slot.slot: number})
    for label, ways in expectation.alone.items():
        if _nothing_but(said, ways, language):
            return Meaning(label=label)
    if match := best_match(text, expectation.choices, language):
        return Meaning(label=match[0])
    if expectation.yes_no and (answer := yes_no(text, language)) is not None:
        return Meaning(label=YES if answer else NO)
    return Meaning(label=UNCLEAR)


def _nothing_but(said: list[str], ways: Sequence[str], language: str) -> bool:
    """Whether an answer is made of these phrases and of words that carry no meaning, in lemmas."""
    known = sorted((_lemmas(way, language) for way in ways), key=len, reverse=True)
    fillers = {lemma(word, language) for word in pack(language).fillers}
    at, found = 0, False
    while at < len(said):
        if phrase := next((way for way in known if said[at : at + len(way)] == way), None):
            at, found = at + len(phrase), True
        elif said[at] in fillers:
            at += 1
        else:
            return False
    return found


def _lemmas(phrase: str, language: str) -> list[str]:
    return [lemma(word, language) for word in tokens(phrase)]


def interpret_keys(expectation: Expectation, keys: str, anywhere: Mapping[str, str]) -> Meaning:
    """What a finished row of keys means. ``anywhere`` maps keys to labels understood at every question.

    A single key is a choice before it is a request; a longer row can only be a number.
    """
    if label := expectation.keys.get(keys) or anywhere.get(keys):
        return Meaning(label=label)
    slot = expectation.number
    if slot and keys.isdigit() and slot.shortest <= len(keys) <= slot.longest:
        return Meaning(label=NUMBER, facts={slot.slot: keys})
    return Meaning(label=UNCLEAR)


def keys_complete(expectation: Expectation, keys: str) -> bool:
    """Whether no further key can change what the row means: nothing to wait for."""
    return expectation.number is None or len(keys) >= expectation.number.longest
