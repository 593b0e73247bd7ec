"""What has to be known of each language: how people say yes, ask for a person, count; one YAML file a language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import ClassVar

import yaml
from pydantic import ConfigDict, TypeAdapter


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberWords:
    """Words of numbers below a thousand, each form that people say, and what multiplies them."""

    units: Mapping[str, int]
    """0..9, and the ten to nineteen that stand alone."""
    tens: Mapping[str, int]
    hundreds: Mapping[str, int]
    """Words for 100..900; empty where ``hundred`` is a multiplier."""
    multipliers: Mapping[str, int]
    """hundred, thousand."""
    repeats: Mapping[str, int]
    """Words that say the next digit several times: double, triple."""
    joining: frozenset[str]
    """Words that may stand inside a number: and."""
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
    fillers: frozenset[str]
    """Words that carry no meaning in an answer."""
    invented: tuple[str, ...]
    """What Whisper makes up on noise."""
    numbers: NumberWords


@cache
def pack(language: str) -> LanguagePack:
    """Everything known of a language.

    Raises:
        ValueError: the language is not known; names those that are.
    """
    folder = resources.files("speech").joinpath("languages")
    file = folder.joinpath(f"{language}.yaml")
    if not language.isalpha() or not file.is_file():
        raise ValueError(f"language {language!r} is not known; known are: {', '.join(languages())}")
    return TypeAdapter(LanguagePack).validate_python(yaml.safe_load(file.read_text("utf-8")))


def languages() -> tuple[str, ...]:
    """Codes of all languages with a pack."""
    folder = resources.files("speech").joinpath("languages")
    return tuple(sorted(file.name.removesuffix(".yaml") for file in folder.iterdir() if file.name.endswith(".yaml")))
