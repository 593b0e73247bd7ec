"""Texts that no reader of files may take, nor fall over."""

from __future__ import annotations

from collections.abc import Mapping

_BOMB = "".join(f"  a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9))

HOSTILE: Mapping[str, tuple[str, int, str]] = {
    "brackets": ("a:\n  " + "[" * 40_000, 2, "nested deeper"),
    "braces": ("a:\n  " + '{"a":' * 15_000, 2, "nested deeper"),
    "deep lists": ("a:\n  " + "- " * 40_000 + "b", 2, "nested deeper"),
    "deep keys": ("".join(f"{' ' * n}a:\n" for n in range(200)), 41, "nested deeper"),
    "aliases": ("x:\n  a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + _BOMB, 5, "aliases repeat more than"),
    "an alias of itself": ("a: &a\n  b: *a\n", 1, "holds itself"),
    "an alias of nothing": ("a: b\nc: *d\n", 2, "nothing is called"),
    "merged from itself": ("a: &a\n  <<: *a\n", 1, "holds itself"),
    "merged from a text": ("a: b\nc:\n  <<: d\n", 3, "wants a mapping"),
    "a key twice": ("a: b\nc: d\na: e\n", 3, "stands twice"),
    "a list as key": ("a: b\n? [c]\n: d\n", 2, "a key must be a text"),
    "a day that is none": ("a: b\nc: 2026-02-30\n", 2, "is no"),
    "an hour that is none": ("a: b\nc: 2026-11-22 25:00:00\n", 2, "is no"),
    "a number that is none": ("a: b\nc: 0x_\n", 2, "is no"),
    "a number too long": ("a: b\nc: " + "9" * 5_000, 2, "is no"),
    "a zero byte": ("a: b\nc: \0\n", 2, "is not allowed"),
    "half a character": ("a: b\nc: \ud800\n", 2, "is not allowed"),
    "two documents": ("a: b\n---\nc: d\n", 2, "a second document"),
    "a tag of Python": ("a: b\nc: !!python/object/apply:os.system [d]\n", 2, "not allowed here: the tag"),
    "no YAML": ("a: b\n\tc: d\n", 2, "not YAML"),
    "an open bracket": ("a: b\nc: [d\n", 2, "not YAML"),
    "another YAML": ("%YAML 3.0\n---\na: b\n", 1, "not YAML"),
}
"""Name → text, the line of its fault, and words of what is said of it."""
