"""Alerts: which rules fire for a contact, and why. Pure functions over values; ``alerting`` does the rest."""

from __future__ import annotations

from analytics.alerts.file import DEFAULT, AlertsError, read_alerts, schema
from analytics.alerts.value import AlertRules, Case, Raised, Rule
from analytics.conditions.evaluation import Seen, judge_call
from recordings.results.finding import Evidence, Finding, FindingKind
from speech.recognition.words import Speaker

__all__ = [
    "DEFAULT",
    "AlertRules",
    "AlertsError",
    "Case",
    "Raised",
    "Rule",
    "raised",
    "read_alerts",
    "schema",
]


def raised(rules: AlertRules, case: Case) -> tuple[Raised, ...]:
    """The rules that fire, each with the earliest seconds that prove one of its conditions."""
    seen = _seen(case)
    verdicts = [(rule, judge_call(rule.condition, seen)) for rule in rules.rules if case.when in rule.when]
    return tuple(
        Raised(rule=rule, evidence=min(verdict.proof, key=lambda proof: proof.start, default=None))
        for rule, verdict in verdicts
        if verdict.holds
    )


def _seen(case: Case) -> Seen:
    """The silence in which a live call now is, is a finding like those of a finished one."""
    quiet = []
    if case.quiet_since:
        since = Evidence(start=case.quiet_since[0], end=case.quiet_since[1])
        quiet = [Finding(kind=FindingKind.SILENCE, label="silence", speaker=Speaker.UNKNOWN, evidence=since)]
    return Seen(
        call=case.facts,
        findings=(*quiet, *case.findings),
        measures=case.measures,
        said=case.said,
        sentiments=case.sentiments,
        rating=case.rating,
    )
