"""Dictionaries, scorecards and alerts in the words of before, written in those of today."""

from __future__ import annotations

import codecs
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from analytics.alerts import AlertsError, read_alerts
from analytics.conditions.former import FormerAlertCondition, FormerScorecardCondition, former_alert, former_scorecard
from analytics.dictionary import read_dictionary
from analytics.quality.scorecard_file import read_scorecard
from speech.text.language import languages
from speech.yaml_edit import Edit, edited, renamed, rewritten
from speech.yaml_source import FileRefused, Problem, Source, decoded, read_bytes, read_yaml

Where = tuple[int | str, ...]

ENTRY = {"category": "label", "name": "label", "role": "speaker"}
"""Other names of settings of an entry → the one name."""
PART = {"role": "speaker"}
PHRASE = {"text": "phrase"}


def converted(text: str, file: Path) -> str:
    """A rule file in the words of today; itself where nothing is written otherwise.

    Comments stay: those that stood within a condition stand behind its first line.

    Raises:
        FileRefused: it has faults, or cannot be written so that it means the same: then a person must.
    """
    source = read_yaml(text, file, as_texts=True)
    before = _meaning(text, file, source)
    new = edited(text, _edits(text, source))
    if new != text:
        try:
            same = _meaning(new, file, read_yaml(new, file, as_texts=True)) == before
        except FileRefused:
            same = False
        if not same:
            what = "cannot be rewritten in place and mean the same (anchors, merges?): write it by hand"
            raise FileRefused(source.problem((), what))
    return new


def convert_file(file: Path) -> bool:
    """Write a rule file in the words of today; whether anything was to be written.

    Raises:
        FileRefused: as ``converted``, or it cannot be read.
        OSError: it cannot be written; the old one stays.
    """
    body = read_bytes(file)
    old = decoded(body, file)
    new = converted(old, file)
    if new != old:
        mark = codecs.BOM_UTF8 if body.startswith(codecs.BOM_UTF8) else b""
        _write_whole(file, mark + new.encode())
    return new != old


def _write_whole(file: Path, body: bytes) -> None:
    """Put a whole file in the place of another, with its rights: whoever reads it meanwhile sees the old or the new."""
    target = file.resolve()
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as draft:
        path = Path(draft.name)
        try:
            draft.write(body)
            draft.flush()
            os.fsync(draft.fileno())
            path.chmod(target.stat().st_mode & 0o7777)
            path.replace(target)
        finally:
            path.unlink(missing_ok=True)


def _is_alerts(data: Any) -> bool:
    return _mappings(data, "alerts") != []


def _is_scorecard(data: Any) -> bool:
    return _mappings(data, "sections") != []


def _meaning(text: str, file: Path, source: Source) -> object:
    """The rules of a file as values, which are the same for the same meaning."""
    problems: Sequence[Problem]
    if _is_alerts(source.data):
        try:
            return read_alerts(text, str(file)).rules
        except AlertsError as error:
            raise FileRefused(*error.problems) from None
    if _is_scorecard(source.data):
        card, problems = read_scorecard(text, str(file))
        if card:
            return replace(card, version="")
    else:
        language = file.parent.name if file.parent.name in languages() else "en"
        reading = read_dictionary(text, language, file)
        if not reading.problems:
            return reading.categories
        problems = reading.problems
    raise FileRefused(*problems)


def _edits(text: str, source: Source) -> Iterator[Edit]:
    if _is_alerts(source.data):
        for where, alert in _mappings(source.data, "alerts"):
            for join in ("all", "any"):
                for place, condition in _mappings(alert, join):
                    if former_alert(condition):
                        modern = FormerAlertCondition.model_validate(condition).modern()
                        yield rewritten(text, source.at((*where, *place)), modern)
    elif _is_scorecard(source.data):
        for where, condition in _scorecard_conditions(source.data):
            if former_scorecard(condition):
                modern = FormerScorecardCondition.model_validate(condition).modern()
                yield rewritten(text, source.at(where), modern)
    else:
        yield from (renamed(source.at(where[:-1]).keys[str(where[-1])][0], name) for where, name in _words(source.data))


def _scorecard_conditions(card: Mapping[str, Any]) -> Iterator[tuple[Where, Mapping[str, Any]]]:
    yield from _one_or_several(card, "applies_if")
    for section, below in _mappings(card, "sections"):
        for item, asked in _mappings(below, "items"):
            for name in ("rule", "applies_if"):
                for where, condition in _one_or_several(asked, name):
                    yield (*section, *item, *where), condition


def _one_or_several(data: Mapping[str, Any], name: str) -> list[tuple[Where, Mapping[str, Any]]]:
    found = data.get(name)
    return [((name,), found)] if isinstance(found, Mapping) else _mappings(data, name)


def _mappings(data: Any, name: str) -> list[tuple[Where, Mapping[str, Any]]]:
    """The mappings of a list, and where they stand."""
    found = data.get(name) if isinstance(data, Mapping) else None
    listed = enumerate(found if isinstance(found, list) else [])
    return [((name, place), one) for place, one in listed if isinstance(one, Mapping)]


def _words(data: Any) -> Iterator[tuple[Where, str]]:
    """Keys of a dictionary that have another name today."""
    entries = data if isinstance(data, list) else ()
    for place, entry in enumerate(entries):
        yield from _part(entry, (place,), ENTRY)
    if not isinstance(data, Mapping):
        return
    for name in ("keywords", "categories"):
        below = data.get(name)
        if isinstance(below, list):
            for place, entry in enumerate(below):
                yield from _part(entry, (name, place), ENTRY)
        elif isinstance(below, Mapping):
            yield from _part(below, (name,), {})
    yield from _part({key: value for key, value in data.items() if key not in ("keywords", "categories")}, (), PART)


def _part(data: Any, where: Where, names: Mapping[str, str]) -> Iterator[tuple[Where, str]]:
    if isinstance(data, list):  # phrases, or conditions
        for place, one in enumerate(data):
            phrase = isinstance(one, Mapping) and not one.keys().isdisjoint(("phrase", "text"))
            yield from _part(one, (*where, place), PHRASE if phrase else PART)
    elif isinstance(data, Mapping):
        for key, below in data.items():
            if key in names:
                yield (*where, key), names[key]
            yield from _part(below, (*where, key), PART)
