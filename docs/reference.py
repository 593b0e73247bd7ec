"""``python -m docs.reference``: writes the references of settings and commands from the program itself.

English texts are the docstrings and the help of the program; the Russian ones, and what stands around them, are in
``docs/reference.<language>.yaml``.
``tests/docs/test_reference.py`` holds the committed pages to what this writes.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import click
import typer.main
import yaml
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from api.cli import app
from speech.settings import PROJECT, Settings, home

DOCS = Path(__file__).parent
TOPS = ("speech", "recordings", "ivr", "analytics", "api", "docker")
WIDTH = 100
"""Columns of a command's help."""
OUTSIDE = {
    "OTKLIK_HOME": ("path", "var", "Folder of the installation's state; read from the environment alone."),
}
"""Read before there are settings: name → type, default, meaning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting of the program."""

    name: str
    """Its variable, as ``OTKLIK_WEB_PORT``."""
    kind: tuple[tuple[str, ...], ...]
    """Its type, then each bound, as ``(("whole number",), ("from", "1"))``."""
    default: str
    meaning: str
    """Docstring of the field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command, or one group of them."""

    path: tuple[str, ...]
    """Words after ``otklik``; empty for the program itself."""
    help: str
    """What ``--help`` prints."""
    first_line: str
    options: frozenset[str]
    runs: bool
    """False for a group that does nothing by itself."""


def setting_classes() -> list[type[Settings]]:
    """All classes of settings, by module; they stand in files named ``settings.py`` and nowhere else."""
    for top in TOPS:
        for file in sorted((PROJECT / top).rglob("settings.py")):
            importlib.import_module(".".join(file.relative_to(PROJECT).with_suffix("").parts))
    found: list[type[Settings]] = []
    waiting = [Settings]
    while waiting:
        for child in waiting.pop().__subclasses__():
            if child not in found:
                found.append(child)
                waiting.append(child)
    return sorted(
        (one for one in found if one.__module__.split(".")[0] in TOPS), key=lambda one: (one.__module__, one.__name__)
    )


def settings_of(owner: type[Settings]) -> list[Setting]:
    """Settings that a class itself declares, in its order."""
    texts = _docstrings(owner)
    return [
        Setting(
            name=f"OTKLIK_{name.upper()}",
            kind=_kind(field),
            default=_default(field),
            meaning=_with_variables(" ".join(texts.get(name, "").split()), owner),
        )
        for name, field in owner.model_fields.items()
        if name in inspect.get_annotations(owner)
    ]


def all_settings() -> dict[str, Setting]:
    """Every setting by its variable, also those read before there are settings."""
    found = {
        name: Setting(name=name, kind=((kind,),), default=default, meaning=meaning)
        for name, (kind, default, meaning) in OUTSIDE.items()
    }
    for owner in setting_classes():
        for setting in settings_of(owner):
            known = found.get(setting.name)
            if known is None or not known.meaning or setting.default == DRAWN:
                found[setting.name] = setting
    return found


def commands() -> Iterator[Command]:
    """The program and every command of it, groups before what they hold."""
    yield from _walk(typer.main.get_command(app), ())


def render() -> dict[str, str]:
    """The generated pages: file name below ``docs/`` → text."""
    pages = {}
    for ending, language in (("md", "en"), ("ru.md", "ru")):
        words = yaml.safe_load((DOCS / f"reference.{language}.yaml").read_text(encoding="utf-8"))
        pages[f"settings.{ending}"] = _settings_page(words)
        pages[f"commands.{ending}"] = _commands_page(words)
    return pages


NOTE = "<!-- Written by `python -m docs.reference`: change the program, not this page. -->\n\n"


def _settings_page(words: Mapping[str, Any]) -> str:
    rows = [f"| {' | '.join(words['columns'])} |", "|---|---|---|---|"]
    types: Mapping[str, str] = words["types"]
    for setting in sorted(all_settings().values(), key=lambda one: one.name):
        default = words["drawn"] if setting.default == DRAWN else f"`{setting.default}`" if setting.default else ""
        meaning = _escaped(words["settings"].get(setting.name, setting.meaning))
        kind = ", ".join(" ".join(types.get(word, word) for word in part) for part in setting.kind)
        rows.append(f"| `{setting.name}` | {kind} | {default} | {meaning} |")
    return f"{NOTE}{words['settings_page']}\n" + "\n".join(rows) + "\n"


def _commands_page(words: Mapping[str, Any]) -> str:
    parts = [NOTE, words["commands_page"]]
    for command in commands():
        if not command.path:
            continue
        name = " ".join(command.path)
        parts.append(f"\n{'#' * (1 + len(command.path))} otklik {name}\n")
        if name in words["commands"] or not command.runs:
            parts.append(f"\n{words['commands'].get(name, command.first_line)}\n")
        if command.runs:
            parts.append(f"\n```text\n{command.help}\n```\n")
    return "".join(parts)


def _walk(command: Any, path: tuple[str, ...]) -> Iterator[Command]:
    context = click.Context(
        command, info_name=" ".join(("otklik", *path)), terminal_width=WIDTH, max_content_width=WIDTH
    )
    children: Mapping[str, Any] = getattr(command, "commands", {})
    formatter = context.make_formatter()
    command.rich_markup_mode = None  # plain: boxes are for a terminal
    command.format_help(context, formatter)
    yield Command(
        path=path,
        help=formatter.getvalue().rstrip(),
        first_line=(command.help or "").strip().split("\n")[0],
        options=frozenset(
            name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)
        ),
        runs=not children or command.invoke_without_command,
    )
    for name, child in children.items():
        yield from _walk(child, (*path, name))


DRAWN = "…"
NAMES: Mapping[object, str] = {
    SecretStr: "secret",
    Path: "path",
    str: "text",
    int: "whole number",
    float: "number",
    bool: "yes or no",
}


def _kind(field: FieldInfo) -> tuple[tuple[str, ...], ...]:
    """The type as people call it, with its bounds."""
    bounds = {type(limit).__name__: getattr(limit, type(limit).__name__.lower(), None) for limit in field.metadata}
    limits = [(word, f"{bounds[name]:g}") for name, word in BOUNDS.items() if bounds.get(name) is not None]
    return ((_type_name(field.annotation),), *limits)


BOUNDS = {"Gt": "above", "Ge": "from", "Le": "to", "Lt": "below"}


def _type_name(kind: Any) -> str:
    if kind in NAMES:
        return NAMES[kind]
    match get_origin(kind):
        case origin if origin is dict:
            return "JSON object"
        case origin if origin is list:
            return "JSON list"
        case origin if origin is tuple:
            return "networks, by comma" if "IPv4" in str(get_args(kind)) else "list, by comma"
        case origin if origin is Literal:
            return "one of some words"
    name = getattr(kind, "__name__", str(kind))
    return "address" if name.startswith("IPv4") else name


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return DRAWN
    match field.get_default(call_default_factory=True, validated_data={}):
        case SecretStr() | dict() | "" | []:
            return ""
        case tuple() as several:
            return ",".join(map(str, several))
        case bool() as is_set:
            return str(is_set).lower()
        case float() as number:
            return f"{number:g}"
        case value:
            return str(value).replace(str(home()), "var").replace(f"{PROJECT}/", "")


def _docstrings(owner: type) -> dict[str, str]:
    """Field → the string that stands below it."""
    texts: dict[str, str] = {}
    for body in ast.walk(ast.parse(inspect.cleandoc("\n" + inspect.getsource(owner)))):
        for field, below in pairwise(body.body if isinstance(body, ast.ClassDef) else []):
            match field, below:
                case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str() as text)):
                    texts[name] = text
    return texts


def _with_variables(text: str, owner: type[Settings]) -> str:
    """Fields that a docstring names, as the variables people set."""
    for name in owner.model_fields:
        text = text.replace(f"``{name}``", f"``OTKLIK_{name.upper()}``")
    return text


def _escaped(text: str) -> str:
    return text.replace("``", "`").replace("|", "\\|")


def main() -> int:
    for name, text in render().items():
        (DOCS / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
