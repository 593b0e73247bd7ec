"""Random calls and random conditions in former words."""

from __future__ import annotations

from random import Random
from typing import Any

from analytics.alerts import Case
from recordings.calls.facts import CallFacts
from recordings.results.finding import Evidence, Finding, FindingKind, Measures
from speech.recognition.words import Speaker, Utterance

LABELS = ("claims", "claims/refund", "rude", "claim")
WORDS = ("суд", "подать", "ужас", "спасибо", "жду", "дозвонился", "заказ")
SPEAKERS = (Speaker.CALLER, Speaker.AGENT, Speaker.ROBOT)
KINDS = (FindingKind.KEYWORD, FindingKind.SILENCE, FindingKind.INTERRUPTION)
FIGURES = ("silence_share", "overlap_seconds", "duration", "longest_silence_seconds")
OF_SPEAKERS = ("words_per_minute.agent", "talk_share.caller", "sentiment_end.caller", "talk_seconds.robot")


def case(draw: Random) -> Case:
    live = draw.random() < 0.3
    texts = [" ".join(draw.choices(WORDS, k=3)) for _ in range(draw.randrange(5))]
    said = tuple(
        Utterance(speaker=draw.choice(SPEAKERS), start=5.0 * n, end=5.0 * n + 3, text=text)
        for n, text in enumerate(texts)
    )
    return Case(
        facts=CallFacts(
            contact_id="1",
            language=draw.choice(("ru", "en")),
            outcome=draw.choice(("", "abandoned", "settled")),
            team=draw.choice(("", "first", "second")),
            segment=draw.choice(("", "vip")),
            agent_from=draw.choice((None, 0.0, 20.0)),
            imported=False,
        ),
        when="live" if live else "finished",
        said=said,
        findings=() if live else tuple(finding(draw, at) for at in sorted(draw.sample(range(100), draw.randrange(6)))),
        measures=None if live else measures(draw),
        sentiments=tuple(draw.choice((None, -0.8, -0.2, 0.4)) for _ in said),
        quiet_since=(50.0, 50.0 + draw.randrange(100)) if live and draw.random() < 0.6 else None,
        rating=draw.choice((None, 1, 3, 5)),
    )


def finding(draw: Random, at: int) -> Finding:
    kind = draw.choice(KINDS)
    labels = LABELS if kind is FindingKind.KEYWORD else ("silence", "hold") if kind is FindingKind.SILENCE else ("x",)
    return Finding(
        kind=kind,
        label=draw.choice(labels),
        speaker=draw.choice(SPEAKERS),
        evidence=Evidence(start=float(at), end=at + draw.choice((1.0, 5.0, 30.0, 70.0)), quote="q"),
    )


def measures(draw: Random) -> Measures:
    talk: dict[str, float] = {who: draw.choice((5.0, 30.0)) for who in SPEAKERS if draw.random() < 0.6}
    return Measures(
        duration=100.0,
        talk_seconds=talk,
        silence_share=draw.choice((0.1, 0.5, 0.9)),
        overlap_seconds=draw.choice((0.0, 4.0)),
        longest_silence_seconds=draw.choice((1.0, 61.0)),
        words_per_minute={who: draw.choice((90.0, 150.0)) for who in talk},
        sentiment_by_quarter={"caller": (-0.6, None, draw.choice((None, 0.4)), None)},
    )


def alert(draw: Random) -> dict[str, Any]:
    return {
        "name": "one",
        "title": {"ru": "Один"},
        **{join: [alert_condition(draw) for _ in range(draw.randrange(1, 4))] for join in draw.choice(
            (["all"], ["any"], ["all", "any"]))},
    }  # fmt: skip


def alert_condition(draw: Random) -> dict[str, Any]:
    side = draw.choice(("below", "above"))
    condition: dict[str, Any] = draw.choice(
        (
            {"category": draw.choice(LABELS)},
            {"said": {"ru": draw.sample(WORDS, 2), "en": ["court"]}},
            {"sentiment": {side: draw.choice((-0.5, 0.0, 0.3))}},
            {"silence": draw.choice((3.0, 29.5, 60.0))},
            {"measure": {"name": draw.choice(FIGURES), side: draw.choice((0.5, 4.0, 60.0))}},
            {"segment": ["VIP", "gold"]},
            {"outcome": ["abandoned"]},
            {"team": draw.choice((["first"], ["third", "second"]))},
            {"rating": draw.choice((1, 3))},
        )
    )
    return condition | ({"speaker": str(draw.choice(SPEAKERS))} if draw.random() < 0.5 else {})


def scorecard_condition(draw: Random) -> dict[str, Any]:
    def sought(*, bounded: bool = False) -> dict[str, Any]:
        found: dict[str, Any] = {"kind": str(draw.choice(KINDS))} if draw.random() < 0.6 else {}
        options: dict[str, Any] = {
            "label": draw.choice((*LABELS, "silence", "")),
            "speaker": str(draw.choice(SPEAKERS)),
            "first_seconds": draw.choice((10.0, 50.0)),
            "last_seconds": draw.choice((10.0, 50.0)),
        }
        found |= {name: value for name, value in options.items() if draw.random() < 0.4}
        return found | (bounds() if bounded else {})

    def bounds() -> dict[str, Any]:
        low, high = sorted(draw.choices((0.0, 1.0, 2.0, 30.0, 90.0), k=2))
        return draw.choice(({"at_least": low}, {"at_most": high}, {"at_least": low, "at_most": high}))

    return draw.choice(
        (
            {"found": sought()},
            {"absent": sought()},
            {"count": sought(bounded=True)},
            {"longest": sought(bounded=True)},
            {"measure": {"name": draw.choice((*FIGURES, *OF_SPEAKERS)), **bounds()}},
            {"call": {"outcome": ["abandoned", "settled"], "team": "first"}},
            {"call": {"language": draw.choice(("ru", "en"))}},
        )
    )


def scorecard(draw: Random) -> dict[str, Any]:
    def several() -> Any:
        found = [scorecard_condition(draw) for _ in range(draw.randrange(1, 4))]
        return found if len(found) > 1 or draw.random() < 0.5 else found[0]

    item = {"name": "one", "title": "One", "weight": 1, "rule": several()}
    items = [item | ({"applies_if": several()} if draw.random() < 0.3 else {})]
    return {"name": "card", "title": "Card", "sections": [{"name": "s", "title": "S", "items": items}]}
