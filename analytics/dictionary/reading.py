"""Dictionary files → categories, with file and line of every fault."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from rapidfuzz import fuzz, process

from analytics.conditions.value import Condition
from analytics.dictionary.category import Category, Part, Phrase, same_as
from analytics.dictionary.file import (
    LONGEST_LABEL,
    SETTINGS,
    CategoryTerms,
    DictionaryFile,
    EntryTerms,
    PartTerms,
    PhraseTerms,
)
from analytics.dictionary.words import placed_words, written_forms
from speech.yaml_source import FileRefused, Problem, Source, Where, read_yaml
from speech.yaml_tree import MOST_PROBLEMS

MOST_BETWEEN = 2
"""Words that may stand between two words of a phrase where the file says nothing."""
MOST_WORDS = 60
"""Of one phrase."""
LOOKS_LIKE = 85
"""rapidfuzz ratio from which a key is taken for a setting spelled wrongly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One dictionary as far as it could be read."""

    categories: tuple[Category, ...] = ()
    problems: tuple[Problem, ...] = ()
    """By line."""


def read_dictionary(text: str, language: str, file: Path) -> Reading:
    """Read one dictionary; ``file`` is what problems are reported under."""

    try:
        source = read_yaml(text, file, as_texts=True)
        data = {"keywords": source.data} if isinstance(source.data, list) else source.data
        if not isinstance(data, dict):
            what = "empty: " if data is None else ""
            raise FileRefused(source.problem((), f"{what}want categories with phrases, or keywords"))
        shape = DictionaryFile.model_validate(data)
    except FileRefused as refused:
        return Reading(problems=refused.problems)
    except ValidationError as error:
        return Reading(problems=tuple(source.problems(error)))
    walk = _Walk(source=source, language=language, faults=[])
    categories = tuple(walk.file(shape))
    if not categories and not walk.faults:
        walk.faults.append(source.problem((), "no category here: want a name with phrases below it"))
    faults = sorted(dict.fromkeys(walk.faults), key=lambda problem: (problem.line, problem.text))
    return Reading(categories=categories, problems=tuple(faults[:MOST_PROBLEMS]))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Terms:
    """What a category hands down to those within."""

    part: Part = field(default_factory=lambda: Part(phrases=()))
    within: int = MOST_BETWEEN
    any_order: bool = False
    fuzzy: float | None = None


@dataclass(slots=True, kw_only=True)
class _Walk:
    """One file on its way to categories."""

    source: Source
    language: str
    faults: list[Problem]
    known: dict[tuple[Part, Phrase], str] = field(default_factory=dict)

    def file(self, shape: DictionaryFile) -> Iterator[Category]:
        terms = self._terms(shape, _Terms(), ())
        if shape.phrases or shape.all_of or shape.any_of:
            self._fault(("phrases",), "phrases want the name of a category above them")
        for place, found in (("keywords", shape.keywords), ("categories", shape.categories)):
            if isinstance(found, dict):
                for name, below in found.items():
                    yield from self._category(name, below, terms, (place, name))
            else:
                for number, entry in enumerate(found or ()):
                    yield from self._entry(entry, terms, (place, number))
        yield from self._below(shape, "", terms, ())

    def _entry(self, entry: EntryTerms, above: _Terms, where: Where) -> Iterator[Category]:
        if not (entry.phrases or entry.all_of or entry.any_of):
            self._fault(where, f"{entry.label}: phrases are missing")
            return
        yield Category(label=entry.label, condition=self._condition(entry, above, where, entry.label))

    def _category(self, label: str, shape: Any, above: _Terms, where: Where) -> Iterator[Category]:
        if len(label) > LONGEST_LABEL:
            self._fault(where, f"{label!r} has {len(label)} letters, want at most {LONGEST_LABEL}")
        if isinstance(shape, str | list):
            written = [shape] if isinstance(shape, str) else shape
            if not written:
                self._fault(where, f"{label}: phrases are missing")
                return
            yield Category(label=label, condition=self._plain(written, above, where, label))
            return
        terms = self._terms(shape, above, where)
        says = bool(shape.phrases or shape.all_of or shape.any_of)
        if says:
            yield Category(label=label, condition=self._condition(shape, above, where, label))
        elif shape.excluded and not shape.model_extra:
            self._fault(where, f"{label}: there is something not to be said, but no phrases")
        elif not shape.model_extra:
            self._fault(where, f"{label}: phrases are missing")
        yield from self._below(shape, label, terms, where)

    def _below(self, shape: CategoryTerms, label: str, terms: _Terms, where: Where) -> Iterator[Category]:
        for name, below in (shape.model_extra or {}).items():
            slip = process.extractOne(name, SETTINGS, scorer=fuzz.ratio, score_cutoff=LOOKS_LIKE)
            if slip:
                self._fault((*where, name), f"{name!r} is no setting: is it {slip[0]!r}?")
                continue
            yield from self._category(f"{label}/{name}" if label else name, below, terms, (*where, name))

    def _terms(self, shape: PartTerms, above: _Terms, where: Where) -> _Terms:
        here = above.part
        return _Terms(
            within=above.within if shape.within is None else shape.within,
            any_order=above.any_order if shape.any_order is None else shape.any_order,
            fuzzy=_fuzzy(shape.fuzzy, above.fuzzy),
            part=Part(
                phrases=(),
                excluded=(*here.excluded, *self._phrases(shape.excluded, above, (*where, "not"))),
                speaker=shape.speaker or here.speaker,
                first_seconds=shape.first_seconds or here.first_seconds,
                last_seconds=shape.last_seconds or here.last_seconds,
                after_pause=shape.after_pause or here.after_pause,
                after_interruption=(
                    here.after_interruption if shape.after_interruption is None else shape.after_interruption
                ),
            ),
        )

    def _condition(self, shape: PartTerms, above: _Terms, where: Where, label: str) -> Condition[Part]:
        terms = self._terms(shape, above, where)
        part = None
        if shape.phrases:
            alone = not (shape.all_of or shape.any_of or shape.unless)
            part = self._part(shape.phrases, terms, (*where, "phrases"), label if alone else "")
        return Condition(
            term=part,
            every=self._conditions(shape.all_of, terms, (*where, "all")),
            some=self._conditions(shape.any_of, terms, (*where, "any")),
            unless=self._conditions(shape.unless, terms, (*where, "unless")),
        )

    def _conditions(self, shapes: Sequence[Any], above: _Terms, where: Where) -> tuple[Condition[Part], ...]:
        found = []
        for number, shape in enumerate(shapes):
            here = (*where, number)
            if isinstance(shape, PartTerms):
                if not (shape.phrases or shape.all_of or shape.any_of):
                    self._fault(here, "phrases are missing")
                    continue
                found.append(self._condition(shape, above, here, ""))
            else:
                found.append(self._plain([shape] if isinstance(shape, str) else shape, above, here, ""))
        return tuple(found)

    def _plain(self, written: Sequence[Any], terms: _Terms, where: Where, label: str) -> Condition[Part]:
        return Condition(term=self._part(written, terms, where, label))

    def _part(self, written: Sequence[Any], terms: _Terms, where: Where, label: str) -> Part:
        """What is said; under a label, a phrase that another label has under the same terms is a fault."""
        phrases = self._phrases(written, terms, where)
        here = terms.part
        part = Part(
            phrases=tuple(phrase for phrase in phrases if phrase.words),
            excluded=here.excluded,
            speaker=here.speaker,
            first_seconds=here.first_seconds,
            last_seconds=here.last_seconds,
            after_pause=here.after_pause,
            after_interruption=here.after_interruption,
        )
        for number, phrase in enumerate(phrases if label else ()):
            known = self.known.setdefault(same_as(part, phrase), label)
            if known != label:
                self._fault((*where, number), f"{phrase.written!r} is {known!r} already")
        return part

    def _phrases(self, written: Sequence[Any], terms: _Terms, where: Where) -> list[Phrase]:
        return [self._phrase(one, terms, (*where, number)) for number, one in enumerate(written)]

    def _phrase(self, written: str | PhraseTerms, terms: _Terms, where: Where) -> Phrase:
        own = written if isinstance(written, PhraseTerms) else None
        text = own.phrase if own else str(written)
        words = tuple(written_forms(placed.word, self.language) for placed in placed_words(text))
        if not words:
            self._fault(where, f"no word in {text!r}")
        elif len(words) > MOST_WORDS:
            self._fault(where, f"a phrase of {len(words)} words, want at most {MOST_WORDS}")
            words = words[:MOST_WORDS]
        return Phrase(
            written=text,
            words=words,
            within=terms.within if own is None or own.within is None else own.within,
            any_order=terms.any_order if own is None or own.any_order is None else own.any_order,
            fuzzy=_fuzzy(own.fuzzy, terms.fuzzy) if own else terms.fuzzy,
        )

    def _fault(self, where: Where, text: str) -> None:
        self.faults.append(self.source.problem(where, text))


def _fuzzy(own: float | str | None, above: float | None) -> float | None:
    """An own threshold, none for ``off``, else what stands above."""
    return own if isinstance(own, float) else None if own == "off" else above


def languages_of(files: Mapping[str, str]) -> list[tuple[str, str]]:
    """Language and name of each dictionary among the files of a rule set: ``<language>/<name>.yaml``."""
    return [
        (name.split("/")[0], name)
        for name in sorted(files)
        if name.count("/") == 1 and name.endswith((".yaml", ".yml"))
    ]
