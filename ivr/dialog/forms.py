"""Forms: what is still missing, what an answer changes, and facts that stop being true with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ivr.dialog.nodes import FormField, Node
from ivr.dialog.state import Stage, State
from speech.slots.contacts import e164
from speech.slots.slots import country_of

IDENTITIES = frozenset({"number", "id"})
"""Last parts of facts that say which one is meant: ``order.number``, ``product.id``."""


def missing(node: Node, state: State) -> FormField | None:
    """The first entry that has to be asked for."""
    said = state.at.filled
    return next((field for field in node.fields if not field.optional and field.fill not in said), None)


def opened(node: Node, state: State, language: str) -> State:
    """The form on arrival: what the caller said for this intent stands, defaults are taken, the rest is forgotten."""
    facts = {**state.facts}
    filled = {name for name in state.at.filled if facts.get(name)}
    for field in node.fields:
        name = field.fill
        if name in filled:
            continue
        defaults = (_default(field, facts.get(fact, ""), language) for fact in field.default)
        if value := next(filter(None, defaults), ""):
            facts[name] = value
            filled.add(name)
        else:
            facts.pop(name, None)
    return replace(state, facts=facts, at=replace(state.at, filled=frozenset(filled)))


def _default(field: FormField, value: str, language: str) -> str:
    """A default's value, where it is one of the entry's kind: an extension is no telephone number to ring back."""
    if field.kind != "phone" or not value:
        return value
    number = e164(value, country_of(language))
    return number[0] if number else ""


def taken(state: State, facts: Mapping[str, str]) -> State:
    """The caller said these values; an empty one takes back what was said."""
    kept = {name: value for name, value in learned(state.facts, facts, state.at.filled).items() if value}
    filled = {name for name in state.at.filled | facts.keys() if kept.get(name)}
    return replace(state, facts=kept, at=replace(state.at, filled=frozenset(filled)))


def changes(state: State, facts: Mapping[str, str]) -> bool:
    """Whether an answer says anything that was not known."""
    return any(state.facts.get(name, "") != value or name not in state.at.filled for name, value in facts.items())


def corrects(state: State, facts: Mapping[str, str]) -> bool:
    """Whether an answer changes what the caller said before."""
    return any(name in state.at.filled and state.facts.get(name) != value for name, value in facts.items())


def learned(known: Mapping[str, str], facts: Mapping[str, str], said: frozenset[str]) -> Mapping[str, str]:
    """New facts beside the old; of another order than before, only what the caller said themselves is kept."""
    nouns = {
        name.partition(".")[0]
        for name, value in facts.items()
        if name.partition(".")[2] in IDENTITIES and known.get(name, value) != value
    }
    kept = {name: value for name, value in known.items() if name.partition(".")[0] not in nouns or name in said}
    return {**kept, **facts}


def asking(state: State, field: FormField | None, stage: Stage) -> State:
    """The same form at another of its questions."""
    return replace(state, at=replace(state.at, slot=field.fill if field else "", stage=stage))
