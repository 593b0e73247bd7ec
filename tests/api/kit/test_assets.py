"""The parts of the pages: every template, text, style and script is found in its noun's folder, and none is dead."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest
from jinja2 import nodes

from api.kit.assets import API, SHARED, folders, static_files, template_loader
from api.kit.rail import SECTIONS
from api.kit.render import templates
from api.kit.translations import LANGUAGES, phrases
from speech.yaml_source import read_yaml

pytestmark = pytest.mark.unit

TEMPLATES = template_loader().list_templates()
ANY = r"[\w.]+"


def test_every_text_stands_once_and_in_the_folder_of_one_noun() -> None:
    for language in LANGUAGES:
        found: Counter[str] = Counter()
        for folder in folders("texts").values():
            source = read_yaml((folder / f"{language}.yaml").read_bytes(), folder, as_texts=True)  # no key twice
            found.update(leaves("", source.data))
        assert [key for key, times in found.items() if times > 1] == []


def test_every_noun_has_its_texts_in_every_language() -> None:
    assert len(folders("texts")) > 10
    for folder in folders("texts").values():
        assert {path.name for path in folder.iterdir()} == {f"{language}.yaml" for language in LANGUAGES}
    keys = {language: set(phrases(language)) for language in LANGUAGES}
    assert keys["ru"] == keys["en"]


def test_texts_take_the_same_values_in_every_language() -> None:
    def holes(language: str, key: str) -> set[str]:
        phrase = phrases(language)[key]
        forms = [phrase] if isinstance(phrase, str) else list(phrase.values())
        return {hole for form in forms for hole in re.findall(r"{(\w+)}", form)}

    for key in phrases("ru"):
        assert holes("ru", key) == holes("en", key), key


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_asks_for_texts_that_exist(name: str) -> None:
    for pattern in asked_by_template(name):
        assert any(re.fullmatch(pattern, key) for key in phrases("ru")), f"{name} asks for {pattern}"


def test_no_text_is_dead() -> None:
    wanted = [rf"{section}\.title" for section, *_ in SECTIONS]
    wanted += chain.from_iterable(map(said_in_template, TEMPLATES))
    wanted += chain.from_iterable(map(said_in_code, API.rglob("*.py")))
    every = re.compile("|".join(set(wanted)))
    dead = [key for key in phrases("ru") if not every.fullmatch(key)]
    assert not dead, ", ".join(dead)


def test_every_template_is_shown_by_somebody() -> None:
    shown = {literal for name in TEMPLATES for literal in constants(parsed(name))}
    shown |= {literal for path in API.rglob("*.py") for literal in re.findall(r'"([\w/]+\.html)"', path.read_text())}
    assert len(TEMPLATES) > 40
    assert set(TEMPLATES) <= shown
    for name in TEMPLATES:
        templates.env.get_template(name)


def test_every_style_and_script_has_one_home_and_a_page_that_loads_it() -> None:
    files = [path for folder in (SHARED, *folders("static").values()) for path in folder.iterdir() if path.is_file()]
    names = Counter(path.name for path in files)
    assert [name for name, times in names.items() if times > 1] == []
    served = static_files()
    for path in files:
        assert served.lookup_path(path.name)[0] == str(path)
    loaded = {found for name in TEMPLATES for found in re.findall(r'"/static/([\w.-]+)"', source_of(name))}
    assert loaded == set(names) - {"widget.js"}  # loaded by other sites, from /widget.js


def test_the_files_of_the_program_are_not_served() -> None:
    for path in ("pages.py", "../pages.py", "../texts/ru.yaml", "texts/ru.yaml", "../static/../pages.py"):
        assert static_files().lookup_path(path) == ("", None)


def leaves(prefix: str, node: object) -> Iterator[str]:
    """Dotted keys of a file of texts, plural forms as keys of their own."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield from leaves(f"{prefix}.{key}" if prefix else key, value)
    else:
        yield prefix


def source_of(name: str) -> str:
    noun, file = name.split("/")
    return (folders("templates")[noun] / file).read_text("utf-8")


def parsed(name: str) -> nodes.Template:
    return templates.env.parse(source_of(name))


def constants(tree: nodes.Node) -> Iterator[str]:
    return (const.value for const in tree.find_all(nodes.Const) if isinstance(const.value, str))


def pattern_of(node: nodes.Node) -> str:
    """A text key as a template writes it, what is only known later as anything."""
    if isinstance(node, nodes.Const):
        return re.escape(str(node.value))
    if isinstance(node, nodes.Concat):
        return "".join(map(pattern_of, node.nodes))
    if isinstance(node, nodes.CondExpr) and node.expr2 is not None:
        return f"(?:{pattern_of(node.expr1)}|{pattern_of(node.expr2)})"
    return ANY


def asked_by_template(name: str) -> list[str]:
    """Patterns of the keys that a template gives to ``t``."""
    calls = [call for call in parsed(name).find_all(nodes.Call) if isinstance(call.node, nodes.Name)]
    return [pattern_of(call.args[0]) for call in calls if isinstance(call.node, nodes.Name) and call.node.name == "t"]


def said_in_template(name: str) -> Iterator[str]:
    """Patterns of all keys that a template names, also those it hands on and the families ``name_of`` looks in."""
    tree = parsed(name)
    yield from map(re.escape, constants(tree))
    yield from (found for found in map(pattern_of, tree.find_all(nodes.Concat)) if found[0] not in "[(")
    for call in tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name == "name_of":
            yield rf"{pattern_of(call.args[0])}\.{ANY}"


def said_in_code(path: Path) -> Iterator[str]:
    """Patterns of all keys that a module of the pages names."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield re.escape(node.value)
        elif isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
            parts = [re.escape(str(part.value)) if isinstance(part, ast.Constant) else ANY for part in node.values]
            if re.match(r"[a-z_]+\\\.", parts[0]):
                yield "".join(parts)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "label":
            yield rf"{re.escape(str(getattr(node.args[1], 'value', '')))}\.{ANY}"
