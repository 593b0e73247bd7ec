"""What has to be known of each language: how people agree, ask for a person, count.

All data of a language lies in one folder, ``speech/languages/<code>``; whoever needs a table of it asks ``data``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import ClassVar

from pydantic import ConfigDict

from speech.yaml_source import read_table


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberWords:
    """Words of numbers, in each form that people say."""

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid")

    values: Mapping[str, int]
    """Words that add: 0..19, the tens, and the hundreds where they are words of their own."""
    multipliers: Mapping[str, int]
    """Words that multiply what stands before them: hundred, thousand."""
    repeats: Mapping[str, int]
    """Words that say the next digit several times: double, triple."""
    inside: frozenset[str]
    """Words that are a number only after another number: oh."""
    joining: frozenset[str]
    """Words that may stand inside a number and mean nothing: and."""
    spoken: tuple[str, ...]
    """0..9 as a voice says them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguagePack:
    """One language. Phrases are lower-case, as recognisers write them."""

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid")

    language: str
    voice: str
    """Engine and name of the voice, as ``festival/voice_msu_ru_nsh_clunits``."""
    agree: tuple[str, ...]
    disagree: tuple[str, ...]
    person: tuple[str, ...]
    """Ways to ask for a human."""
    no_recording: tuple[str, ...]
    """Ways to refuse being recorded."""
    negations: frozenset[str]
    """Words that turn what follows into its opposite."""
    fillers: frozenset[str]
    """Words that carry no meaning in an answer."""
    invented: tuple[str, ...]
    """Phrases Whisper makes up on noise."""
    numbers: NumberWords
    agree_alone: tuple[str, ...] = ()
    """Phrases that agree only when nothing else is said: "it is"."""
    disagree_alone: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()
    """Phrases that neither agree nor refuse, though a word in them would: "i don't know"."""
    polite: tuple[str, ...] = ()
    """Words of courtesy and of turning over in one's mind: with them an answer is still nothing but itself."""
    insults: tuple[str, ...] = ()
    """They tell of anger by themselves."""
    angry: tuple[str, ...] = ()
    """They tell of anger where the rest of the words is unhappy, too."""
    repeat: tuple[str, ...] = ()
    """Ways to ask what was said, when nothing else is said."""
    cancel: tuple[str, ...] = ()
    """Ways to give up what one was about to order, wherever they stand."""
    cancel_alone: tuple[str, ...] = ()
    """The same, when nothing else is said."""
    any_of_them: tuple[str, ...] = ()
    """Ways to leave a choice to the other side."""
    none_of_them: tuple[str, ...] = ()
    """Ways to refuse everything that is offered."""
    last_of_them: tuple[str, ...] = ()
    """Ways to name the last of several."""
    ordinals: tuple[str, ...] = ()
    """Words of places in a row, and of days of the month, for a recogniser."""
    days: tuple[str, ...] = ()
    """Words of days, months and times of day, for a recogniser."""
    currencies: tuple[str, ...] = ()
    """Words of money, for a recogniser."""
    called: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Kind of slot → what people call such a value: "день", "the time"."""


_FOLDER = resources.files("speech").joinpath("languages")


@cache
def pack(language: str) -> LanguagePack:
    """Everything known of a language.

    Raises:
        ValueError: the language is not known; names those that are.
    """
    file = data(language, "language.yaml")
    if not file.is_file():
        raise ValueError(f"language {language!r} is not known; known are: {', '.join(languages())}")
    return read_table(file, LanguagePack)


def languages() -> tuple[str, ...]:
    """Codes of all languages with a pack."""
    return tuple(sorted(folder.name for folder in _FOLDER.iterdir() if folder.joinpath("language.yaml").is_file()))


def data(language: str, name: str) -> Traversable:
    """A file of a language's folder. Only ``language.yaml`` is in each: what a language lacks is no file."""
    return _FOLDER.joinpath(language if language.isalpha() else "-", name)
