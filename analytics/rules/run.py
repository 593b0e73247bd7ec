"""All rules over what was heard of one recording: pure, and quick enough to be run over the whole archive again."""

from __future__ import annotations

from dataclasses import dataclass

from analytics.dictionary import RuleSet
from analytics.rules import RULES
from analytics.rules.keywords import keyword_findings
from analytics.rules.measures import measure
from analytics.rules.rule_input import RuleInput
from recordings.results.finding import Finding, Measures


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """What the rules found in one recording."""

    rule_set: str
    """Version of the rules and dictionaries."""
    findings: tuple[Finding, ...]
    """By time."""
    measures: Measures


def apply(heard: RuleInput, rule_set: RuleSet) -> Analysis:
    """Apply every rule to what was said and how it sounds."""
    findings = [*keyword_findings(heard.readable, rule_set.lexicon(heard.transcript.language))]
    findings += [finding for rule in RULES for finding in rule(heard)]
    return Analysis(
        rule_set=rule_set.version,
        findings=tuple(sorted(findings, key=lambda found: (found.evidence.start, found.kind, found.label))),
        measures=measure(heard, findings),
    )
