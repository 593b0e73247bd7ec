"""Strings that make a pattern walk: what its repeats repeat, many times, before an end that fits nothing."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path
from types import ModuleType
from typing import Any

ops, _parser = importlib.import_module("re._constants"), importlib.import_module("re._parser")
"""What a pattern is made of, as CPython keeps it to itself: no stub tells of it."""

PRODUCT = ("speech", "recordings", "ivr", "analytics", "api")
METHODS = ("match", "fullmatch", "search", "finditer", "findall", "sub", "subn", "split")
ENDS = ("", "\x00", "!", "x", "9", "\n\x00")
LONGEST_PUMP = 60
MOST_PUMPS = 40
_CATEGORY = {
    ops.CATEGORY_DIGIT: "7", ops.CATEGORY_NOT_DIGIT: "q", ops.CATEGORY_SPACE: " ", ops.CATEGORY_NOT_SPACE: "w",
    ops.CATEGORY_WORD: "w", ops.CATEGORY_NOT_WORD: ".",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found:
    """One pattern of the product, and how it is asked."""

    name: str
    pattern: re.Pattern[str]
    methods: tuple[str, ...]


@cache
def modules() -> tuple[ModuleType, ...]:
    """Every module of the product but those that run when they are imported."""
    packages = [importlib.import_module(name) for name in PRODUCT]
    below = (entry.name for one in packages for entry in pkgutil.walk_packages(one.__path__, f"{one.__name__}."))
    wanted = (name for name in below if not name.endswith("__main__") and ".migrations." not in name)
    return (*packages, *map(importlib.import_module, wanted))


def patterns() -> list[Found]:
    """All patterns of texts that the product holds or writes down in its code."""
    found: dict[tuple[str, int], Found] = {}
    for module in modules():
        source = Path(str(module.__file__)).read_text("utf-8")
        for name, value in vars(module).items():
            for pattern in _held(value):
                asked = tuple(way for way in METHODS if re.search(rf"\b{name}(?:\[[^\]]*\])?\.{way}\(", source))
                key = pattern.pattern, pattern.flags
                before = found.get(key)
                ways = {*(before.methods if before else ()), *(asked or ("search",))}
                found[key] = Found(before.name if before else f"{module.__name__}:{name}", pattern, tuple(sorted(ways)))
        for written in _written(module.__name__, source):
            found.setdefault((written.pattern.pattern, written.pattern.flags), written)
    return list(found.values())


def _held(value: Any, depth: int = 4) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern):
        if isinstance(value.pattern, str):
            yield value
    elif depth and isinstance(value, dict):
        for below in value.values():
            yield from _held(below, depth - 1)
    elif depth and isinstance(value, list | tuple | set | frozenset):
        for below in value:
            yield from _held(below, depth - 1)
    elif depth and hasattr(value, "__dataclass_fields__") and not isinstance(value, type):
        for name in value.__dataclass_fields__:
            yield from _held(getattr(value, name, None), depth - 1)


def _written(module: str, source: str) -> Iterator[Found]:
    """``re.sub("…", …)`` inside of functions."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="re"), attr=way), args=[ast.Constant(value=str(text)), *rest]
            ) if way in METHODS:
                flags = re.NOFLAG
                for one in [*rest, *(keyword.value for keyword in node.keywords)]:
                    for name in ast.walk(one):
                        if isinstance(name, ast.Attribute) and isinstance(name.value, ast.Name):
                            flag = getattr(re, name.attr, None) if name.value.id == "re" else None
                            flags |= flag if isinstance(flag, re.RegexFlag) else re.NOFLAG
                yield Found(f"{module}:{node.lineno}", re.compile(text, flags), (way,))


def pumps(pattern: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    """Beginnings, and what to write over and over behind them."""
    tree = _parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE)
    seen: set[tuple[str, str]] = set()
    for before, pump in _pumps(tree, ""):
        for start in ("", before[:LONGEST_PUMP]):
            one = start, pump[:LONGEST_PUMP]
            if pump and one not in seen and len(seen) < MOST_PUMPS:
                seen.add(one)
                yield one


def samples(pattern: re.Pattern[str]) -> set[str]:
    """What the pattern's repeats repeat."""
    tree = _parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE)
    return {pump[:LONGEST_PUMP] for _, pump in _pumps(tree, "") if pump}


def _pumps(tree: Iterable[Any], before: str) -> Iterator[tuple[str, str]]:
    """Beginning and pump of every repeat, deepest last; also what two repeats in a row, or the whole, would repeat."""
    whole = before
    row: list[str] = []
    for op, value in tree:
        inside: list[Any] = []
        if op in (ops.MAX_REPEAT, ops.MIN_REPEAT, ops.POSSESSIVE_REPEAT):
            for pump in _samples(value[2]):
                yield whole, pump
                row.append(pump)
            inside = [value[2]]
        elif op is ops.SUBPATTERN:
            inside = [value[3]]
        elif op is ops.ATOMIC_GROUP:
            inside = [value]
        elif op is ops.BRANCH:
            inside = list(value[1])
        elif op in (ops.ASSERT, ops.ASSERT_NOT):
            inside = [value[1]]
        for below in inside:
            yield from _pumps(below, whole)
        if whole != before and inside:
            yield before, whole[len(before) :]  # how it begins, again and again, up to what repeats
        whole += _sample([(op, value)])
    for pair in product(row[:3], row[-3:]):
        yield before, "".join(pair)
    if whole[len(before) :]:
        yield before, whole[len(before) :]


def _samples(tree: Iterable[Any]) -> Iterator[str]:
    tree = list(tree)
    yield _sample(tree)
    if len(tree) == 1 and tree[0][0] is ops.BRANCH:
        yield from (_sample(branch) for branch in tree[0][1][1][:4])
    if len(tree) == 1 and tree[0][0] is ops.IN:
        yield from _members(tree[0][1])


def _members(items: list[Any]) -> Iterator[str]:
    """Some characters of a class: one of each of its kinds."""
    if items and items[0][0] is ops.NEGATE:
        refused = re.compile(f"[{''.join(map(_as_class, items[1:]))}]")
        yield from [char for char in "w7 .-@é\n" if not refused.match(char)][:4]
        return
    for op, value in items[:6]:
        if op is ops.LITERAL:
            yield chr(value)
        elif op is ops.RANGE:
            yield chr(value[0])
        elif op is ops.CATEGORY:
            yield _CATEGORY.get(value, "w")


def _as_class(item: Any) -> str:
    op, value = item
    if op is ops.LITERAL:
        return re.escape(chr(value))
    if op is ops.RANGE:
        return f"{re.escape(chr(value[0]))}-{re.escape(chr(value[1]))}"
    return {
        ops.CATEGORY_DIGIT: r"\d", ops.CATEGORY_NOT_DIGIT: r"\D", ops.CATEGORY_SPACE: r"\s",
        ops.CATEGORY_NOT_SPACE: r"\S", ops.CATEGORY_WORD: r"\w", ops.CATEGORY_NOT_WORD: r"\W",
    }[value]  # fmt: skip


def _sample(tree: Iterable[Any]) -> str:
    """A short text that the tree may fit."""
    said = ""
    for op, value in tree:
        if op is ops.LITERAL:
            said += chr(value)
        elif op is ops.NOT_LITERAL:
            said += "w" if value != ord("w") else "v"
        elif op is ops.ANY:
            said += "w"
        elif op is ops.IN:
            said += next(_members(value), "w")
        elif op is ops.CATEGORY:
            said += _CATEGORY.get(value, "w")
        elif op in (ops.MAX_REPEAT, ops.MIN_REPEAT, ops.POSSESSIVE_REPEAT):
            said += _sample(value[2]) * min(max(value[0], 1), 8)
        elif op is ops.SUBPATTERN:
            said += _sample(value[3])
        elif op is ops.ATOMIC_GROUP:
            said += _sample(value)
        elif op is ops.BRANCH:
            said += _sample(value[1][0])
    return said
