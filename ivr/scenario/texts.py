"""Every text of a scenario, with its place in the YAML."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ivr.dialog.nodes import Kind, Node, Prompt
from ivr.scenario.source import Where


def texts(node: Node) -> Iterator[tuple[Where, str]]:
    """Every text of a node with its place in the YAML, relative to the node's."""
    yield from _prompt_texts(node.prompt)
    confirm: Where = ("listen", "confirm") if node.kind == Kind.LISTEN else ("confirm",)
    places: Sequence[tuple[Where, str]] = (
        (confirm, node.confirm),
        (("fix",), node.fix),
        (("choose", "each"), node.each),
        (("transfer",), node.whisper),
        (("resume",), node.resume),
        (("next_wish",), node.next_wish),
    )
    yield from ((where, text) for where, text in places if text)
    for index, field in enumerate(node.fields):
        yield from ((("collect", index, *where), text) for where, text in _prompt_texts(field.prompt))


def _prompt_texts(prompt: Prompt) -> Iterator[tuple[Where, str]]:
    for part, wordings in (("say", prompt.say), ("again", prompt.again)):
        yield from (((part, index) if len(wordings) > 1 else (part,), text) for index, text in enumerate(wordings))
    if prompt.by_keys:
        yield ("by_keys",), prompt.by_keys
