"""libyaml's events → data with the line of everything in it. One event after the other and without recursion: libyaml's
own composer recurses in C, where 40,000 opening brackets end the process."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

MOST_VALUES = 500_000
"""Values of one file: what holds more is no file that people write."""
MOST_REPEATED = 10_000
"""Values that all aliases of a file repeat together: beyond, it unfolds without end."""
DEEPEST = 40
MOST_PROBLEMS = 100
"""Faults told of one file; who has more mends these first."""

_TAG = "tag:yaml.org,2002:"
_TYPES = {"str": "text", "int": "number", "float": "number", "bool": "yes or no", "null": "null", "timestamp": "date"}
_CONSTRUCTOR = yaml.constructor.SafeConstructor()
_RESOLVERS: Mapping[str, Sequence[tuple[str, re.Pattern[str]]]] = yaml.SafeLoader.yaml_implicit_resolvers
_Parser = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_MERGE = "<<"


@dataclass(slots=True)
class Mark:
    """Where something stands."""

    line: int
    start: int = 0
    """Index of its first character in the text, an anchor's included."""
    end: int = 0
    """Index after its last character."""
    keys: dict[str, tuple[Mark, Mark]] = field(default_factory=dict)
    """Key of a mapping, as it is written → where the key stands, and its value."""
    items: list[Mark] = field(default_factory=list)


_NO_KEYS: dict[str, tuple[Mark, Mark]] = {}
_NO_ITEMS: list[Mark] = []


@dataclass(slots=True)
class _Open:
    """A mapping or list that has begun."""

    mark: Mark
    mapping: dict[Any, Any] | None
    """None for a list."""
    sequence: list[Any]
    anchor: str | None
    flow: bool
    """Written in brackets."""
    before: int
    """Values of the file before it."""
    key: tuple[Any, str, Mark] | None = None
    """The key whose value comes next in a mapping: as it is, as it is written, and where."""
    merges: bool = False
    """The value that comes next is merged into the mapping."""
    merged: list[tuple[Any, Mark]] = field(default_factory=list)

    @property
    def data(self) -> Any:
        return self.sequence if self.mapping is None else self.mapping


@dataclass(frozen=True, slots=True)
class _Anchored:
    data: Any
    mark: Mark
    values: int


class _Unreadable(Exception):
    """Reading ends here; the fault is told already."""


class Tree:
    """One text, read."""

    def __init__(self, text: str, *, as_texts: bool, first_line: int) -> None:
        """Read it; ``faults`` tells what is wrong with it.

        Args:
            text: Of characters that YAML allows.
            as_texts: Numbers, dates and a bare ``no`` stay the texts they are written as.
            first_line: Number of the text's first line in its file.
        """
        self.data: Any = None
        """None where the text is empty."""
        self.mark = Mark(first_line)
        self.faults: list[tuple[int, str]] = []
        """Line and what is wrong there."""
        self._as_texts = as_texts
        self._first_line = first_line
        self._open: list[_Open] = []
        self._anchors: dict[str, _Anchored | int] = {}
        self._values = 0
        self._repeated = 0
        self._documents = 0
        parser = _Parser(text)
        try:
            while parser.check_event():
                self._take(parser.get_event())
        except _Unreadable:
            pass
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            # what is missing at the end is told of the last line
            line = min(mark.line, text.rstrip().count("\n")) if mark else 0
            self._fault(first_line + line, f"not YAML: {error.problem}")
        except yaml.YAMLError as error:
            self._fault(first_line, f"not YAML: {error}")
        finally:
            parser.dispose()

    def _take(self, event: Any) -> None:
        line, end = self._first_line + event.start_mark.line, event.end_mark.index
        if isinstance(event, yaml.ScalarEvent):
            self._count(line)
            self._scalar(event, line)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._count(line)
            self._begin(event, line)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._end(end)
        elif isinstance(event, yaml.AliasEvent):
            self._alias(str(event.anchor), line, end)
        elif isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                self._stop(line, "not YAML: a second document begins here")

    def _fault(self, line: int, text: str) -> None:
        if len(self.faults) < MOST_PROBLEMS:
            self.faults.append((line, text))

    def _stop(self, line: int, text: str) -> None:
        self._fault(line, text)
        raise _Unreadable

    def _count(self, line: int) -> None:
        self._values += 1
        if self._values > MOST_VALUES:
            self._stop(line, f"more than {MOST_VALUES:,} values")

    def _begin(self, event: Any, line: int) -> None:
        mapping = isinstance(event, yaml.MappingStartEvent)
        if event.tag not in (None, "!", f"{_TAG}map" if mapping else f"{_TAG}seq"):
            self._fault(line, f"not allowed here: the tag {event.tag}")
        if len(self._open) >= DEEPEST:
            self._stop(line, f"nested deeper than {DEEPEST}")
        if self._wants_key():
            self._stop(line, "a key must be a text")
        if event.anchor:
            self._anchors[event.anchor] = line
        self._open.append(
            _Open(
                mark=Mark(line, event.start_mark.index, event.end_mark.index),
                mapping={} if mapping else None,
                sequence=[],
                anchor=event.anchor,
                flow=bool(event.flow_style),
                before=self._values - 1,
            )
        )

    def _end(self, index: int) -> None:
        """``index``: after the bracket that ends it; without brackets libyaml tells where the next thing begins."""
        ended = self._open.pop()
        if ended.flow:
            ended.mark.end = index
        for data, mark in ended.merged:  # what is written in the mapping counts more, then what was merged first
            for (key, value), (name, below) in zip(data.items(), mark.keys.items(), strict=False):
                if ended.mapping is not None and name not in ended.mark.keys and key not in ended.mapping:
                    ended.mapping[key] = value
                    ended.mark.keys[name] = below
        if ended.anchor:
            self._anchors[ended.anchor] = _Anchored(ended.data, ended.mark, self._values - ended.before)
        self._place(ended.data, ended.mark, ended.mark.end)

    def _alias(self, name: str, line: int, end: int) -> None:
        found = self._anchors.get(name)
        if found is None:
            self._stop(line, f"not YAML: nothing is called &{name}")
        if self._wants_key():
            self._stop(line, "a key must be a text")
        if not isinstance(found, _Anchored):
            self._stop(found or line, f"nested deeper than {DEEPEST}: &{name} holds itself")
            return
        self._repeated += found.values
        if self._repeated > MOST_REPEATED:
            self._stop(line, f"aliases repeat more than {MOST_REPEATED:,} values")
        self._values += found.values
        self._place(found.data, found.mark, end)

    def _scalar(self, event: Any, line: int) -> None:
        value = self._value(event, line)
        mark = Mark(line, event.start_mark.index, event.end_mark.index, _NO_KEYS, _NO_ITEMS)
        here = self._open[-1] if self._open else None
        if here and here.mapping is not None and here.key is None:
            if value in here.mapping or event.value in here.mark.keys:
                self._fault(line, f"{event.value!r} stands twice, here for a second time")
            here.key = value, event.value, mark
            here.merges = event.value == _MERGE and event.implicit[0]
            return
        if event.anchor:
            self._anchors[event.anchor] = _Anchored(value, mark, 1)
        self._place(value, mark, mark.end)

    def _wants_key(self) -> bool:
        return bool(self._open) and self._open[-1].mapping is not None and self._open[-1].key is None

    def _place(self, value: Any, mark: Mark, end: int) -> None:
        """Put a value where it belongs: it is the whole, an item, or what a key stands for. It ends at an index."""
        if not self._open:
            self.data, self.mark = value, mark
            return
        here = self._open[-1]
        here.mark.end = max(here.mark.end, end)
        if here.mapping is None or here.key is None:
            here.sequence.append(value)
            here.mark.items.append(mark)
            return
        (key, written, at), here.key = here.key, None
        if not here.merges:
            here.mapping[key] = value
            here.mark.keys[written] = at, mark
            return
        merged = list(zip(value, mark.items, strict=True)) if isinstance(value, list) else [(value, mark)]
        if all(isinstance(one, dict) for one, _ in merged):
            here.merged += merged
        else:
            self._fault(at.line, f"{_MERGE} wants a mapping, or a list of mappings")

    def _value(self, event: yaml.ScalarEvent, line: int) -> Any:
        """A value by its tag, or by how it is written."""
        text: str = event.value
        tag = event.tag if event.tag not in (None, "!") else None
        if tag and tag.removeprefix(_TAG) not in _TYPES:
            self._fault(line, f"not allowed here: the tag {tag}")
            return text
        if self._as_texts or (tag is None and not event.implicit[0]):
            return text
        kind = (tag or resolved(text)).removeprefix(_TAG)
        if kind not in _TYPES or kind == "str":
            return text
        try:
            return getattr(_CONSTRUCTOR, f"construct_yaml_{kind}")(yaml.ScalarNode(f"{_TAG}{kind}", text))
        except (ValueError, ArithmeticError, LookupError, AttributeError) as error:
            why = f": {error}" if isinstance(error, ValueError) else ""
            self._fault(line, f"{text[:40]!r} is no {_TYPES[kind]}{why}; a text stands in quotes")
            return text


def resolved(text: str) -> str:
    """Tag of what a text without quotes is taken for; ``str`` where it is a text."""
    return next((tag for tag, pattern in _RESOLVERS.get(text[:1], ()) if pattern.match(text)), "str")
