"""The question a conversation is at: what is waited for just now, and how it is put."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

from ivr.business.protocol import Option
from ivr.dialog.actions import Say
from ivr.dialog.expectation import NO, YES, Expectation
from ivr.dialog.nodes import SILENCE, FormField, Kind, Node, Prompt, Scenario
from ivr.dialog.scalars import Where
from ivr.dialog.state import Frame, Stage, State
from ivr.dialog.wording import is_static, voice, word

YES_NO_KEYS = {"1": YES, "2": NO}
YES_OR_NO = {"ru": "Скажите «да» или «нет».", "en": "Please say yes or no."}
"""Said first when something is read back a second time."""
CONFIRM_PATIENCE = 0.6
"""Seconds: a yes is short."""
LIST = "choice.list"
"""Fact that lists the options, in the texts of a choice."""
SHORT = 4
"""Words of an option up to which the list needs no places: "в десять, в двенадцать или в три"."""
OR = {"ru": "или", "en": "or"}
PLACES = {"ru": ("Первый вариант", "Второй вариант", "Третий вариант"), "en": ("First", "Second", "Third")}


def entry(node: Node, frame: Frame) -> FormField | None:
    """The entry of a form that is asked for."""
    return next((found for found in node.fields if found.fill == frame.slot), None)


def expected(scenario: Scenario, state: State) -> Expectation | None:
    """What the caller may answer now; None where nothing is asked."""
    node, at = scenario.nodes[state.node], state.at
    base = node.expectation
    if base is None:
        return None
    slots = {slot.fill for slot in base.slots}
    known = {name: value for name, value in {**state.facts, **at.pending}.items() if name in slots}
    if at.stage != Stage.ASK:
        return replace(
            base,
            asked=base.asked if node.kind != Kind.COLLECT else "",
            known=known,
            intents=base.intents - {at.intent},
            options=(),
            choices={},
            alone={},
            phrases={},
            open=False,
            yes_no=True,
            keys=YES_NO_KEYS,
            patience=max(CONFIRM_PATIENCE, base.patience if at.stage == Stage.FIX else 0),
        )
    if node.kind == Kind.CHOOSE:
        return replace(base, known=known, options=at.options, intents=base.intents - {at.intent})
    if field := entry(node, at):
        return replace(
            base,
            asked=at.slot,
            known=known,
            intents=base.intents - {at.intent},
            keys=field.keys,
            patience=field.patience,
            timeout=field.timeout,
        )
    return replace(base, known=known, intents=base.intents if base.open else base.intents - {at.intent})


def earlier(scenario: Scenario, state: State) -> Expectation | None:
    """What words said earlier may answer of the question that comes now; None where it has no slots and options."""
    base = scenario.nodes[state.node].expectation
    if base is None or base.open or not (base.slots or state.at.options):
        return None
    options = state.at.options if scenario.nodes[state.node].kind == Kind.CHOOSE else ()
    slots = replace(base, asked="", known={}, yes_no=False, choices={}, alone={}, phrases={}, intents=frozenset())
    return replace(slots, options=options)


def most(node: Node, frame: Frame) -> int:
    """Times the question may be put until something is settled."""
    return 1 + node.repeats + bool(_prompt(node, frame).by_keys)


def has_keyed_wording(node: Node, frame: Frame) -> bool:
    """Whether the scenario itself words the question for keys."""
    return frame.stage == Stage.ASK and bool(_prompt(node, frame).by_keys)


def put(scenario: Scenario, state: State, *, times: int, missed: str) -> tuple[Say, ...]:
    """The words of the question a conversation is at.

    Args:
        scenario: What is held.
        state: Where the conversation stands.
        times: Times it was put before, since something was last settled.
        missed: How the answer to it was missed just now: ``silence`` or ``unclear``; empty where none was.
    """
    node, at = scenario.nodes[state.node], state.at
    facts = {**state.facts, **at.pending}
    if at.stage == Stage.CONFIRM:
        opening = (say(scenario, node, facts, "", YES_OR_NO.get(scenario.language, "")),) if times else ()
        return tuple(part for part in (*opening, say(scenario, node, facts, "confirm", node.read_back)) if part.text)
    prompt = _prompt(node, at)
    if prompt.by_keys and times > node.repeats:
        part, text = "by_keys", prompt.by_keys
    elif missed == SILENCE and prompt.when_silent:
        part, text = variant("when_silent", prompt.when_silent, times - 1)
    elif missed and prompt.again:
        part, text = variant("again", prompt.again, times - 1)
    else:
        part, text = variant("say", prompt.say, state.visits.get(at.question, 0))
    if at.slot:
        part = f"{at.slot}.{part}"
    elif at.stage == Stage.FIX:
        part = f"fix.{part}"
    return (say(scenario, node, facts, part, text, listed(scenario, node, at.options)),) if text else ()


def _prompt(node: Node, frame: Frame) -> Prompt:
    if frame.stage == Stage.FIX:
        return Prompt(say=(node.fix,), again=node.again, when_silent=node.when_silent)
    return entry(node, frame) or node


def variant(part: str, wordings: tuple[str, ...], times: int) -> tuple[str, str]:
    """One of several wordings, by turns, and its place within the node."""
    if not wordings:
        return part, ""
    number = max(times, 0) % len(wordings)
    return (f"{part}.{number}" if number else part), wordings[number]


def recording(scenario: Scenario, node: Node, part: str) -> str:
    """Name under which a person may record a text of a node: ``support.greet``, ``support.greet.again``."""
    return f"{scenario.name}.{node.name}" if part == "say" else f"{scenario.name}.{node.name}.{part}"


def recorded_part(node: Node, where: Where) -> str:
    """Place of a text in its node by which its recording is named: ``say``, ``say.1``, ``booking.day.again``."""
    match where:
        case ("collect", int(index), *inner):
            return f"{node.fields[index].fill}.{recorded_part(node, tuple(inner))}"
        case ("fix",):
            return "fix.say"
        case (*_, str(key), int(number)):
            return f"{key}.{number}" if number else key
        case _:
            return str(where[-1])


def say(
    scenario: Scenario,
    node: Node,
    facts: Mapping[str, str],
    part: str,
    text: str,
    lists: tuple[str, str] = ("", ""),
) -> Say:
    """One text of a node with its facts put in; a fact that is not known is left out."""
    shown = defaultdict(str, {**facts, LIST: lists[0]})
    voiced = defaultdict(str, {**facts, LIST: lists[1]})
    return Say(
        node=node.name,
        text=word(text, shown, scenario.language, scenario.names),
        voiced=voice(text, voiced, scenario.language, scenario.names),
        recorded=recording(scenario, node, part) if part and is_static(text) else "",
        interruptible=node.interrupt == "always",
    )


def listed(scenario: Scenario, node: Node, options: tuple[Option, ...]) -> tuple[str, str]:
    """The options of a choice as one list, for readers and for a voice."""
    if node.choose is None:
        return "", ""
    each = node.choose.each
    language, names = scenario.language, scenario.names
    facts = [defaultdict(str, option.facts) for option in options]
    shown = [word(each, known, language, names) for known in facts]
    voiced = [voice(each, known, language, names) for known in facts]
    places = PLACES.get(language, ())
    if len(options) < 2 or not places:
        return "; ".join(shown), ". ".join(voiced)
    if all(len(text.split()) <= SHORT for text in voiced):
        return _one_of(shown, language), _one_of(voiced, language)
    spoken = ". ".join(f"{place}: {text}" for place, text in zip(places, voiced, strict=False))
    return "; ".join(f"{at}) {text}" for at, text in enumerate(shown, 1)), spoken


def _one_of(texts: list[str], language: str) -> str:
    return f"{', '.join(texts[:-1])} {OR[language]} {texts[-1]}"
