"""From a scenario's files to the value the dialogue runs on: parts put together, and what each question waits for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ivr.dialog.expectation import Expectation
from ivr.dialog.nodes import Intent, Kind, Listen, Node, Scenario
from ivr.dialog.scalars import Spoken
from ivr.scenario.file import JobFile, ScenarioFile

DEFAULT_FIX = {"ru": "Что исправить?", "en": "What should I change?"}


def value(main: ScenarioFile, jobs: Sequence[JobFile], version: str) -> Scenario:
    """One scenario of a file and those it includes; names that stand twice are for the checker to find."""
    intents: dict[str, Intent] = {}
    nodes: dict[str, Node] = {}
    for part in (*jobs, main):
        intents |= part.intents
        nodes |= part.nodes
    requests = {label: request for label, request in main.anywhere if request}
    base = Expectation(
        language=main.language,
        phrases={name: intent.phrases for name, intent in intents.items() if intent.phrases},
        intents=frozenset(intents),
        asides=frozenset(name for name, intent in intents.items() if intent.aside),
        anywhere=frozenset(requests),
    )
    return Scenario(
        name=main.name,
        version=version,
        language=main.language,
        extension=main.extension,
        start=main.start,
        fallback=main.fallback,
        max_seconds=main.max_seconds,
        failures=main.failures,
        anywhere={label: request.go for label, request in requests.items()},
        keys={request.key: label for label, request in requests.items() if request.key},
        intents=intents,
        nodes={name: _placed(name, node, base) for name, node in nodes.items()},
        names=_names(nodes),
    )


def _placed(name: str, node: Node, base: Expectation) -> Node:
    if node.confirm and not node.fix:
        node = node.model_copy(update={"fix": Spoken(DEFAULT_FIX.get(base.language, ""))})
    return node.placed(name, _expectation(node, base))


def _expectation(node: Node, base: Expectation) -> Expectation | None:
    """What a question waits for, besides what is understood at all of them."""
    match node.kind:
        case Kind.LISTEN | Kind.CHOOSE:
            return _listened(node.listen or Listen(), base)
        case Kind.COLLECT:
            return replace(base, slots=node.fields, cancels=True, phrases={})
        case _:
            return None


def _listened(listen: Listen, base: Expectation) -> Expectation:
    return replace(
        base,
        open=listen.open,
        phrases=base.phrases if listen.open else {},
        slots=listen.slot,
        asked=listen.slot[0].fill if listen.slot else "",
        choices=listen.choices,
        alone=listen.alone,
        yes_no=listen.yes_no,
        keys={"1": "yes", "2": "no", **listen.keys} if listen.yes_no else listen.keys,
        patience=listen.patience,
        timeout=listen.timeout,
    )


def _names(nodes: Mapping[str, Node]) -> dict[str, dict[str, str]]:
    """How the labels of each fact are said."""
    names: dict[str, dict[str, str]] = {}
    for node in nodes.values():
        for slot in (*node.fields, *(node.listen.slot if node.listen else ())):
            if slot.names:
                names.setdefault(slot.fill, {}).update(slot.names)
    return names
