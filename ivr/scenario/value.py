"""From the shape of a scenario's files to the value the dialogue runs on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ivr.dialog.expectation import CHOICE, Expectation, SlotRule
from ivr.dialog.nodes import Field, Intent, Kind, Node, Prompt, Scenario
from ivr.scenario.file import FieldShape, IntentShape, JobFile, ListenShape, NodeShape, ScenarioFile, SlotShape, Texts

DEFAULT_FIX = {"ru": "Что исправить?", "en": "What should I change?"}


def value(main: ScenarioFile, jobs: Sequence[JobFile], version: str) -> Scenario:
    """One scenario of a file and those it includes; names that stand twice are for the checker to find."""
    intents: dict[str, IntentShape] = {}
    nodes: dict[str, NodeShape] = {}
    parts: tuple[ScenarioFile | JobFile, ...] = (*jobs, main)
    for part in parts:
        intents |= part.intents
        nodes |= part.nodes
    requests = {label: request for label, request in main.anywhere if request}
    base = _Base(
        language=main.language,
        intents={name: _intent(name, intent) for name, intent in intents.items()},
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
        intents=base.intents,
        nodes={name: _node(name, node, base) for name, node in nodes.items()},
        names=_names(nodes),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Base:
    """What every question of a scenario shares."""

    language: str
    intents: Mapping[str, Intent]
    anywhere: frozenset[str]

    def expectation(self, *, open_question: bool = False) -> Expectation:
        asides = frozenset(name for name, intent in self.intents.items() if intent.aside)
        phrases = {name: intent.phrases for name, intent in self.intents.items() if intent.phrases}
        return Expectation(
            language=self.language,
            open=open_question,
            phrases=phrases if open_question else {},
            intents=frozenset(self.intents),
            asides=asides,
            anywhere=self.anywhere,
        )


def _intent(name: str, shape: IntentShape) -> Intent:
    return Intent(
        name=name,
        go=shape.go,
        about=shape.about,
        aside=shape.aside,
        examples=tuple(shape.examples),
        phrases=tuple(shape.phrases),
    )


def _node(name: str, shape: NodeShape, base: _Base) -> Node:
    return Node(
        name=name,
        kind=shape.kind,
        prompt=_prompt(shape),
        interruptible=shape.interrupt == "always",
        expectation=_expectation(shape, base),
        confirm=shape.listen.confirm if shape.listen else shape.confirm,
        fix=shape.fix or (DEFAULT_FIX.get(base.language, "") if shape.confirm else ""),
        fields=tuple(_field(entry) for entry in shape.collect or ()),
        each=shape.choose.each if shape.choose else "",
        request=shape.do,
        check=shape.check or "",
        whisper=shape.transfer,
        outcome=shape.outcome,
        repeats=shape.repeats,
        resume=shape.resume,
        next_wish=shape.next_wish,
        go=shape.go,
    )


def _expectation(shape: NodeShape, base: _Base) -> Expectation | None:
    match shape.kind:
        case Kind.LISTEN | Kind.CHOOSE:
            return _listened(shape.listen or ListenShape(), base)
        case Kind.COLLECT:
            slots = tuple(_slot(entry) for entry in shape.collect or ())
            return replace(base.expectation(), slots=slots, cancels=True)
        case _:
            return None


def _listened(listen: ListenShape, base: _Base) -> Expectation:
    return replace(
        base.expectation(open_question=listen.open),
        slots=tuple(_slot(slot) for slot in listen.slots),
        asked=listen.slots[0].fill if listen.slots else "",
        choices={label: tuple(ways) for label, ways in listen.choices.items()},
        alone={label: tuple(ways) for label, ways in listen.alone.items()},
        yes_no=listen.yes_no,
        keys={"1": "yes", "2": "no", **listen.keys} if listen.yes_no else listen.keys,
        patience=listen.patience,
        timeout=listen.timeout,
    )


def _slot(shape: SlotShape) -> SlotRule:
    shortest, longest = shape.length or (1, 30)
    return SlotRule(
        fill=shape.fill,
        kind=shape.kind or CHOICE,
        shortest=shortest,
        longest=longest,
        choices={label: tuple(ways) for label, ways in shape.choices.items()},
        called=tuple(shape.called),
        sure=shape.sure,
        doubt=shape.doubt,
    )


def _field(shape: FieldShape) -> Field:
    return Field(
        slot=_slot(shape),
        prompt=_prompt(shape),
        optional=shape.optional,
        default=(shape.default,) if isinstance(shape.default, str) else tuple(shape.default),
        keys=shape.keys,
        patience=shape.patience,
        timeout=shape.timeout,
    )


def _prompt(shape: NodeShape | FieldShape) -> Prompt:
    return Prompt(say=_texts(shape.say), again=_texts(shape.again), by_keys=shape.by_keys)


def _texts(texts: Texts | None) -> tuple[str, ...]:
    return (texts,) if isinstance(texts, str) else tuple(texts or ())


def _names(nodes: Mapping[str, NodeShape]) -> dict[str, dict[str, str]]:
    """How the labels of each fact are said."""
    found: dict[str, dict[str, str]] = {}
    for node in nodes.values():
        for slot in (*(node.collect or ()), *(node.listen.slots if node.listen else ())):
            if slot.names:
                found.setdefault(slot.fill, {}).update(slot.names)
    return found
