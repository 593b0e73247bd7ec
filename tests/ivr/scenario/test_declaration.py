"""A key of a scenario is declared once: its class in ``dialog.nodes`` is all that says it exists."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from ivr.dialog.nodes import Choose, FormField, Listen, Node
from ivr.dialog.scalars import Spoken, Target, found

pytestmark = pytest.mark.unit

IVR = Path(__file__).parents[3] / "ivr"
ELSEWHERE = {"go", "outcome"}
"""Words of other things than nodes, too: what is understood anywhere also leads somewhere, a state has an outcome."""


def declarations(key: str) -> set[str]:
    """Files of the dialogue and of the scenarios in which a class has an attribute of that name."""
    return {
        path.name
        for folder in ("dialog", "scenario")
        for path in (IVR / folder).glob("*.py")
        for parent in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(parent, ast.ClassDef)
        for line in parent.body
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name) and line.target.id == key
    }


@pytest.mark.parametrize("key", sorted(Node.model_fields.keys() - ELSEWHERE))
def test_a_key_of_a_node_is_declared_in_one_file(key: str) -> None:
    assert declarations(key) == {"nodes.py"}


@pytest.mark.parametrize("shape", [Node, Listen, FormField, Choose])
def test_every_key_has_a_docstring_for_editors(shape: type[Node | Listen | FormField | Choose]) -> None:
    assert [name for name, field in shape.model_fields.items() if not field.description] == []


def test_texts_and_targets_are_found_by_their_type() -> None:
    node = Node.model_validate(
        {"say": "Which?", "choose": {"each": "{product.name}"}, "go": {"chosen": "tell", "none": "back"}}
    )
    assert list(found(node, Spoken)) == [(("say", 0), "Which?"), (("choose", "each"), "{product.name}")]
    assert list(found(node, Target)) == [(("go", "chosen"), "tell"), (("go", "none"), "back")]
