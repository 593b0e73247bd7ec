"""How conditions in former words were judged before there was one language: what they must mean for ever."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from analytics.alerts import Case
from analytics.conditions.figures import figure
from recordings.calls.facts import CallFacts
from recordings.results.finding import Evidence, Finding, FindingKind, Measures
from speech.recognition.words import Speaker, Utterance
from speech.text.tokens import find_phrase, lemma, tokens

Data = Mapping[str, Any]


def alert_fires(rule: Data, case: Case) -> tuple[bool, Evidence | None]:
    every = [_alert(condition, case) for condition in rule.get("all", ())]
    some = [_alert(condition, case) for condition in rule.get("any", ())]
    if not all(every) or (some and not any(some)):
        return False, None
    proofs = [proof for found in (*every, *some) if found for proof in found if proof is not None]
    return True, min(proofs, key=lambda proof: proof.start, default=None)


def _alert(condition: Data, case: Case) -> Sequence[Evidence | None]:
    speaker = condition.get("speaker")
    if "category" in condition:
        label = condition["category"]
        return [
            found.evidence
            for found in case.findings
            if found.kind is FindingKind.KEYWORD
            and (found.label == label or found.label.startswith(f"{label}/"))
            and speaker in (None, found.speaker)
        ]
    if "said" in condition:
        language = case.facts.language
        phrases = [[lemma(word, language) for word in tokens(p)] for p in condition["said"].get(language, ())]
        return [
            Evidence(start=said.start, end=said.end, quote=said.text)
            for said in case.said
            if _meant(speaker, said)
            and any(find_phrase([lemma(w, language) for w in tokens(said.text)], phrase) >= 0 for phrase in phrases)
        ]
    if "sentiment" in condition:
        return _felt(condition["sentiment"], speaker, case)
    if "silence" in condition:
        quiet = [Evidence(start=case.quiet_since[0], end=case.quiet_since[1])] if case.quiet_since else []
        quiet += [f.evidence for f in case.findings if f.kind is FindingKind.SILENCE and f.label != "hold"]
        return [silence for silence in quiet if silence.end - silence.start > condition["silence"]]
    if "measure" in condition:
        value = getattr(case.measures, condition["measure"]["name"], None) if case.measures else None
        return [None] if value is not None and _within(value, condition["measure"]) else []
    if "rating" in condition:
        return [None] if case.rating is not None and case.rating <= condition["rating"] else []
    ((fact, wanted),) = ((fact, condition[fact]) for fact in ("segment", "outcome", "team") if fact in condition)
    known = getattr(case.facts, fact)
    return [None] if known and known.lower() in (name.lower() for name in wanted) else []


def _meant(speaker: str | None, said: Utterance) -> bool:
    return said.speaker == speaker if speaker else said.speaker is not Speaker.ROBOT


def _felt(bounds: Data, speaker: str | None, case: Case) -> Sequence[Evidence | None]:
    felt = [
        (said, feeling)
        for said, feeling in zip(case.said, case.sentiments, strict=False)
        if feeling is not None and _meant(speaker, said)
    ]
    words = [len(tokens(said.text)) for said, _ in felt]
    if sum(words) < 4:
        return []
    mean = sum(feeling * count for (_, feeling), count in zip(felt, words, strict=True)) / sum(words)
    if not _within(mean, bounds):
        return []
    sign = 1 if "below" in bounds else -1
    said = min(felt, key=lambda one: sign * one[1])[0]
    return [Evidence(start=said.start, end=said.end, quote=said.text)]


def _within(value: float, bounds: Data) -> bool:
    return (
        ("below" not in bounds or value < bounds["below"])
        and ("above" not in bounds or value > bounds["above"])
        and ("at_least" not in bounds or value >= bounds["at_least"])
        and ("at_most" not in bounds or value <= bounds["at_most"])
    )


Judged = tuple[bool | None, Evidence | None]


def scorecard_judges(
    conditions: Sequence[Data], findings: Sequence[Finding], measures: Measures, call: CallFacts
) -> Judged:
    verdicts = [_scorecard(condition, findings, measures, call) for condition in conditions]
    for wanted in (False, None):
        if decisive := next((verdict for verdict in verdicts if verdict[0] is wanted), None):
            return decisive
    return True, next((proof for _, proof in verdicts if proof), None)


def _scorecard(condition: Data, findings: Sequence[Finding], measures: Measures, call: CallFacts) -> Judged:
    ((kind, body),) = condition.items()
    if kind == "measure":
        value = figure(body["name"], measures)
        return (None if value is None else _within(value, body)), None
    if kind == "call":
        wanted = {fact: [one] if isinstance(one, str) else one for fact, one in body.items()}
        return all(str(getattr(call, fact)) in values for fact, values in wanted.items()), None
    bounds: Data = {"found": {"at_least": 1}, "absent": {"at_most": 0}}.get(kind) or body
    talk = measures.talk_seconds
    if not talk or ("speaker" in body and not talk.get(body["speaker"])):
        return None, None
    found = [one for one in findings if _fits(one, body, measures, call)]
    length = [one.evidence.end - one.evidence.start for one in found]
    value = max(length, default=0.0) if kind == "longest" else float(len(found))
    shown = found[length.index(max(length))] if found and kind == "longest" else found[0] if found else None
    return _within(value, bounds), shown.evidence if shown else None


def _fits(finding: Finding, body: Data, measures: Measures, call: CallFacts) -> bool:
    start = (call.agent_from or 0.0) if body.get("speaker") == Speaker.AGENT else 0.0
    label, at = body.get("label", ""), finding.evidence.start
    return (
        finding.kind == body.get("kind", "keyword")
        and (not label or finding.label == label or finding.label.startswith(f"{label}/"))
        and ("speaker" not in body or finding.speaker == body["speaker"])
        and ("first_seconds" not in body or at <= start + body["first_seconds"])
        and ("last_seconds" not in body or at >= measures.duration - body["last_seconds"])
    )
