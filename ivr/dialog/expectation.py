"""What a question waits for: slots, choices, options, yes or no, keys; and what a row of keys means to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ivr.business.protocol import Option
from ivr.dialog.scalars import Declared, FactName, Name, Phrases, Text
from speech.slots.contacts import e164
from speech.slots.slots import SlotKind, country_of

UNCLEAR = "unclear"
FILLED = "filled"
"""Slots were understood; in a form perhaps not all of them."""
UNSURE = "unsure"
"""A slot was understood, but not well enough to rely on without reading it back."""
CHOSEN, NONE = "chosen", "none"
"""One of several options, or that none of them suits."""
YES, NO = "yes", "no"
CANCELLED = "cancelled"
"""The caller no longer wants what a form was for."""
REPEAT = "repeat"
"""The caller asks what was said."""
PERSON, NO_RECORDING, ANGRY = "person", "no_recording", "angry"
"""Understood at every question."""

TEXT, CHOICE = "text", "choice"
"""Kinds of slot besides those of ``speech.slots.slots``: the caller's own words, and one of several labels."""
BY_KEYS = frozenset({"digits", "number", "ordinal", "phone", "money", "time"})
"""Kinds whose value may be keyed in."""


PATIENCE = 0.7
"""Seconds of silence that end the caller's turn, unless a question says otherwise."""
TIMEOUT = 6.0
"""Seconds to wait for the first word, unless a question says otherwise."""
Share = Annotated[float, Field(ge=0, le=1)]


class SlotRule(Declared):
    """One value the caller may say or key in."""

    fill: FactName
    """Fact it becomes, as order.number."""
    kind: Literal[SlotKind, "text", "choice"] = "choice"
    """What kind of value it is; text takes the caller's own words. Left out where choices are given."""
    choices: Mapping[Name, Phrases] = {}
    """Label → ways to say it; the label is the value."""
    names: Mapping[Name, Text] = {}
    """Label → how the robot says it: {booking.service:name}."""
    length: tuple[Annotated[int, Field(ge=1)], Annotated[int, Field(le=30)]] | None = None
    """Fewest and most digits, of kind digits."""
    called: tuple[Text, ...] = ()
    """What callers call it when they want it changed: "день", "the day"."""
    sure: Share = 0.6
    """Confidence from which the value is relied on."""
    doubt: Share = 0.3
    """Confidence below which it is asked for again; between the two it is read back where there is a confirm."""

    @property
    def shortest(self) -> int:
        """Digits at least."""
        return self.length[0] if self.length else 1

    @property
    def longest(self) -> int:
        """Digits at most."""
        return self.length[1] if self.length else 30

    @model_validator(mode="after")
    def _has_one_kind(self) -> Self:
        if (self.kind == CHOICE) != bool(self.choices):
            raise ValueError("a slot has a kind, or choices")
        if self.length and (self.kind != "digits" or self.length[0] > self.length[1]):
            raise ValueError("a length is for digits: the fewest, then the most")
        if self.doubt > self.sure:
            raise ValueError("doubt lies below sure")
        if stray := self.names.keys() - self.choices.keys():
            raise ValueError(f"names are for choices; there is no choice {', '.join(sorted(stray))}")
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """One question's possible answers, all at once if wanted."""

    language: str
    slots: tuple[SlotRule, ...] = ()
    """Of a form all of them: several may be said in one phrase, and corrected at any time."""
    asked: str = ""
    """Fact the question asks for: its slot is heard tolerantly, the others only when clear."""
    known: Mapping[str, str] = field(default_factory=dict)
    """Values of these slots so far, for corrections."""
    options: tuple[Option, ...] = ()
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Label → ways to say it."""
    alone: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Label → words that mean it only when nothing else is said."""
    yes_no: bool = False
    open: bool = False
    """Free speech may come: any intent may be meant, and no grammar narrows the recogniser."""
    cancels: bool = False
    """The caller may give up what the question is for."""
    phrases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Intent → phrases that decide for it outright, at open questions."""
    intents: frozenset[str] = frozenset()
    """Intents that may be meant here; at a question that is not open only as a digression."""
    asides: frozenset[str] = frozenset()
    """Those of them that may be settled in the middle of another job."""
    anywhere: frozenset[str] = frozenset({PERSON, NO_RECORDING})
    """Requests understood at every question of the scenario."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """Key → label."""
    patience: float = PATIENCE
    """Seconds of silence that end the caller's turn."""
    timeout: float = TIMEOUT
    """Seconds to wait for the first word."""

    @property
    def labels(self) -> frozenset[str]:
        """Every label an answer can have, besides intents and what is understood anywhere."""
        labels = {*self.choices, *self.alone, *self.keys.values()}
        labels |= {FILLED} if self.slots else set()
        labels |= {CHOSEN, NONE} if self.options else set()
        return frozenset(labels | {YES, NO} if self.yes_no else labels)

    @property
    def rule(self) -> SlotRule | None:
        """The slot that is asked for."""
        return next((slot for slot in self.slots if slot.fill == self.asked), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What an answer amounts to."""

    label: str
    facts: Mapping[str, str] = field(default_factory=dict)
    confidence: float | None = None
    """0..1, of recogniser and understanding together; None where neither tells."""
    also: tuple[str, ...] = ()
    """Further intents in the same phrase, in the order said."""
    intent: str = ""
    """Label, where the intent model or an intent's phrases said so."""
    model: str = ""
    """Version of the intent model that said so; empty where rules did."""


def interpret_keys(expectation: Expectation, keys: str, anywhere: Mapping[str, str]) -> Meaning:
    """What a finished row of keys means. ``anywhere`` maps keys to labels understood at every question.

    A single key is a choice before it is a request; a longer row can only be a value. Keys leave no doubt.
    """
    rule = expectation.rule
    if label := expectation.keys.get(keys):
        if rule and label in rule.choices:
            return Meaning(label=FILLED, facts={rule.fill: label}, confidence=1.0)
        return Meaning(label=label, confidence=1.0)
    if option := _option(expectation, keys):
        return Meaning(label=CHOSEN, facts=option.facts, confidence=1.0)
    if label := anywhere.get(keys):
        return Meaning(label=label, confidence=1.0)
    if rule and (value := _keyed(rule, keys, expectation.language)):
        return Meaning(label=FILLED, facts={rule.fill: value}, confidence=1.0)
    return Meaning(label=UNCLEAR)


def _option(expectation: Expectation, keys: str) -> Option | None:
    """The option of that place in the list, or the one that has the number."""
    if len(keys) == 1 and keys in "123456789":
        return next(iter(expectation.options[int(keys) - 1 : int(keys)]), None)
    return next((option for option in expectation.options if keys and keys in option.facts.values()), None)


def _keyed(rule: SlotRule, keys: str, language: str) -> str:
    """The value a row of keys stands for; empty where it is none."""
    if not keys.isdecimal() or not keys.isascii() or rule.kind not in BY_KEYS:
        return ""
    match rule.kind:
        case "digits":
            return keys if rule.shortest <= len(keys) <= rule.longest else ""
        case "phone":
            found = e164(keys, country_of(language))
            return found[0] if found else ""
        case "time":
            hour, minute = int(keys[:-2] or "0"), int(keys[-2:])
            return f"{hour:02}:{minute:02}" if 3 <= len(keys) <= 4 and hour < 24 and minute < 60 else ""
        case "money":
            return f"{int(keys)}.00 {CURRENCIES.get(language, 'EUR')}"
        case _:
            return str(int(keys))


CURRENCIES = {"ru": "RUB", "en": "USD"}
"""What an amount is in when nobody says, by language."""


def keys_complete(expectation: Expectation, keys: str) -> bool:
    """Whether no further key can change what the row means: nothing to wait for."""
    rule = expectation.rule
    if expectation.options:  # "2" is the second, unless somebody's number begins so
        values = [value for option in expectation.options for value in option.facts.values()]
        longer = any(value.isdecimal() and value != keys and value.startswith(keys) for value in values)
        return _option(expectation, keys) is not None and not longer
    if rule is None or rule.kind not in BY_KEYS or expectation.yes_no:
        return True
    if rule.kind == "digits":
        return len(keys) >= rule.longest
    return rule.kind == "time" and len(keys) >= 4
