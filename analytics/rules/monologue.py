"""One talks and the other cannot get a word in."""

from __future__ import annotations

from collections.abc import Iterator

from analytics.rules.rule_input import RuleInput
from analytics.rules.talk_turns import monologues
from recordings.results.finding import Evidence, Finding, FindingKind
from speech.recognition.words import Speaker

LONG = 60.0
"""Seconds. People listen for less before they want to say something."""
LONG_ROBOT = 20.0
"""Seconds; nobody listens to a machine for longer."""
QUOTED = 120
"""Letters of the first words."""


def monologue(heard: RuleInput) -> Iterator[Finding]:
    for each in sorted(monologues(heard.transcript.utterances), key=lambda each: each.start):
        longest = LONG_ROBOT if each.speaker is Speaker.ROBOT else LONG
        if each.speaker is Speaker.UNKNOWN or each.seconds < longest:
            continue
        yield Finding(
            kind=FindingKind.MONOLOGUE,
            label="monologue",
            speaker=each.speaker,
            evidence=Evidence(start=each.start, end=each.end, quote=each.said[0].text[:QUOTED]),
            value=round(each.seconds, 1),
        )
