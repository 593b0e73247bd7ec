"""Mappings of a YAML text written anew in their place; everything else of the text, comments too, stays as it is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from speech.yaml_tree import Mark, resolved

_COMMENT = re.compile(r"(?:^|(?<=\s))#[^\r\n]*", re.MULTILINE)
_PLAIN = re.compile(r"[^\W_](?:[\w./+-]| (?=[^\W_]))*")
"""A text that needs no quotes wherever it stands, unless YAML takes it for a number or the like."""
_ANCHOR = re.compile(r"&\S+\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """Characters of a text, and what comes in their place."""

    start: int
    end: int
    text: str


def edited(text: str, edits: Iterable[Edit]) -> str:
    """The text with all edits made; of several at one place the first one."""
    done, behind = [], 0
    for edit in sorted(edits, key=lambda edit: edit.start):
        if edit.start >= behind:
            done += [text[behind : edit.start], edit.text]
            behind = edit.end
    return "".join([*done, text[behind:]])


def rewritten(text: str, mark: Mark, data: Mapping[str, Any]) -> Edit:
    """Another mapping in the place of one: in brackets where that was, else in lines of its own. Comments that stood
    within it stand behind its first line."""
    anchor = _ANCHOR.match(text, mark.start)
    start = anchor.end() if anchor else mark.start
    end = start + len(text[start : mark.end].rstrip())
    remarks = "; ".join(found[1:].strip() for found in _comments(text, mark, start, end))
    lines = [f"{flow(key)}: {flow(value)}" for key, value in data.items()]
    column = start - (text.rfind("\n", 0, start) + 1)
    if text[start] == "{":
        first, *rest = lines
        inner = f"{first},  # {remarks}\n{' ' * (column + 1)}{', '.join(rest)}" if remarks else ", ".join(lines)
        return Edit(start=start, end=end, text=f"{{{inner}}}")
    if remarks:
        lines[0] += f"  # {remarks}"
    return Edit(start=start, end=end, text=f"\n{' ' * column}".join(lines))


def renamed(mark: Mark, name: str) -> Edit:
    """Another name in the place of a key."""
    return Edit(start=mark.start, end=mark.end, text=flow(name))


def flow(value: Any) -> str:
    """A value as it may stand within brackets."""
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{flow(key)}: {flow(below)}' for key, below in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(flow, value))}]"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    plain = isinstance(value, str) and _PLAIN.fullmatch(value) and resolved(value) == "str"
    return str(value) if plain else json.dumps(value, ensure_ascii=False)


def _comments(text: str, mark: Mark, start: int, end: int) -> Iterator[str]:
    """Comments between the words of a mapping."""
    behind = start
    for word in sorted(_words(mark), key=lambda word: word.start):
        if start <= word.start and word.end <= end:
            yield from _COMMENT.findall(text, behind, word.start)
            behind = max(behind, word.end)
    yield from _COMMENT.findall(text, behind, end)


def _words(mark: Mark) -> Iterator[Mark]:
    if not mark.keys and not mark.items:
        yield mark
    for key, value in mark.keys.values():
        yield key
        yield from _words(value)
    for item in mark.items:
        yield from _words(item)
