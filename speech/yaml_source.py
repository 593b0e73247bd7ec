"""The text of a YAML file as plain data, and the line of everything in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

MOST_NODES = 500_000
"""A file that unfolds to more is no dictionary but an attack by aliases, or never ends."""
DEEPEST = 40

Where = Sequence[int | str]


class NotReadable(ValueError):
    """The text is no YAML that a dictionary may be; ``line`` counts from 1."""

    def __init__(self, line: int, text: str) -> None:
        super().__init__(text)
        self.line = line


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One file, read."""

    data: Any
    """Mappings, lists and strings: a number or a bare ``no`` is a text here, pydantic knows where it is more."""
    root: yaml.Node

    def line(self, where: Where) -> int:
        """Line of the deepest part of the path that is there; steps that only name a kind of value are passed over."""
        node, line = self.root, _line(self.root)
        for step in where:
            below = _below(node, step)
            if below is not None:
                node, line = below
        return line

    def repeated(self) -> Iterator[tuple[int, str]]:
        """Line and name of each key that stands twice in its mapping: the one above would be lost in silence."""
        waiting: list[yaml.Node] = [self.root]
        while waiting:
            node = waiting.pop()
            if isinstance(node, yaml.SequenceNode):
                waiting.extend(node.value)
            elif isinstance(node, yaml.MappingNode):
                seen: set[str] = set()
                for key, value in node.value:
                    if str(key.value) in seen:
                        yield _line(key), str(key.value)
                    seen.add(str(key.value))
                    waiting.append(value)


def read_source(text: str) -> Source | None:
    """The file; None where it is empty.

    Raises:
        NotReadable: it is not YAML, or unfolds beyond all measure.
    """
    try:
        root = yaml.compose(text, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        line = min(line, 1 + text.rstrip().count("\n"))  # what is missing at the end is told of the last line
        raise NotReadable(line, f"not YAML: {error.problem}") from None
    except yaml.reader.ReaderError as error:
        raise NotReadable(
            1 + text[: error.position].count("\n"), f"not YAML: character {error.character!r} is not allowed"
        ) from None
    except (yaml.YAMLError, RecursionError) as error:
        raise NotReadable(1, f"not YAML: {error}") from None
    return Source(data=_data(root, [MOST_NODES], 0), root=root) if root is not None else None


def _data(node: yaml.Node, left: list[int], depth: int) -> Any:
    left[0] -= 1
    if left[0] < 0 or depth > DEEPEST:
        raise NotReadable(_line(node), f"more than {MOST_NODES} values, or nested deeper than {DEEPEST}")
    if isinstance(node, yaml.SequenceNode):
        return [_data(below, left, depth + 1) for below in node.value]
    if isinstance(node, yaml.MappingNode):
        data: dict[str, Any] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise NotReadable(_line(key), "a key must be a text")
            data[key.value] = _data(value, left, depth + 1)
        return data
    return node.value


def _below(node: yaml.Node, step: int | str) -> tuple[yaml.Node, int] | None:
    if isinstance(node, yaml.MappingNode):
        found = [(value, _line(key)) for key, value in node.value if key.value == step]
        # a list is where its items are, a faulty key where it stands
        return found[-1] if found else None
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step], _line(node.value[step])
    return None


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def named(where: Where, kinds: frozenset[str]) -> str:
    """A path as people read it, without the steps that only name a kind of value."""
    return ".".join(str(step) for step in where if step not in kinds)
