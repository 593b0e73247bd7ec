"""Looks at contacts and raises alerts; ``sending`` sees to it that they arrive."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import quote

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from analytics.alerts import DEFAULT, AlertRules, Case, Raised, raised, read_alerts
from analytics.alerts.settings import AlertSettings
from analytics.rules.rule_input import RuleInput
from analytics.rules.run import Analysis
from recordings.alerts.alerts import (
    Alert,
    is_raised,
    raise_once,
    running_alert_rules,
    save_alert_rules,
)
from recordings.calls.facts import CallFacts
from recordings.calls.live import LiveCall, live_calls, phone_of, rated_calls
from recordings.contacts.call import Callback
from recordings.database import reading, transaction
from recordings.redaction.redacted import hide, hide_transcript, masked
from recordings.redaction.redaction import redact_transcript
from speech.recognition.words import Speaker, Transcript, Utterance
from speech.sentiment.lexicon import cues

log = logging.getLogger(__name__)

RATED = timedelta(days=2)
"""How far back ratings are looked at; what was raised is raised once."""

_read: dict[str, AlertRules] = {}


def alert_rules(engine: Engine) -> AlertRules:
    """The alerts in force; the first call of an installation puts the packaged ones in force."""
    with reading(engine) as db:
        found = running_alert_rules(db)
    if found is None:
        text = DEFAULT.read_text("utf-8")
        rules = read_alerts(text)
        with transaction(engine) as db:
            if running_alert_rules(db) is None:
                save_alert_rules(db, rules.version, text, by="")
            found = running_alert_rules(db) or (rules.version, text)
    version, text = found
    if version not in _read:
        _read.clear()
        _read[version] = read_alerts(text)
    return _read[version]


def alert_of_recording(
    db: Session, rules: AlertRules, settings: AlertSettings, *, recording_id: str, heard: RuleInput, analysis: Analysis,
    now: datetime,
) -> int:  # fmt: skip
    """Raise what fires for a recording that has just been analysed, in the analysis's own transaction; how many."""
    case = Case(
        facts=heard.call,
        when="finished",
        said=heard.readable.utterances,
        findings=analysis.findings,
        measures=analysis.measures,
        sentiments=heard.meaning.sentiments if heard.meaning else (),
    )
    phone = "" if heard.call.imported else phone_of(db, heard.call.contact_id)
    return _keep(db, raised(rules, case), heard.call, settings, recording_id=recording_id, phone=phone, now=now)


def watch(engine: Engine, rules: AlertRules, settings: AlertSettings, now: datetime) -> int:
    """Look at calls that go on and at new ratings; how many alerts were raised."""
    with reading(engine) as db:
        watched = [*live_calls(db, now), *rated_calls(db, since=now - RATED)]
        fired = [(one, found) for one in watched for found in raised(rules, case_of(one))]
        new = [(one, found) for one, found in fired if not is_raised(db, found.rule.name, one.facts.contact_id)]
    if not new:
        return 0
    with transaction(engine) as db:
        return sum(
            _keep(db, [found], one.facts, settings, recording_id=None, phone=one.phone, now=now) for one, found in new
        )


def case_of(watched: LiveCall) -> Case:
    """A live call as rules see it: the robot's own words are no sign of anything, its silence is.

    Feelings come from the lexicon of cues: every live call is looked at every few seconds.
    """
    said = _readable(watched)
    sentiments = tuple(
        cues(one.text, watched.facts.language).value if one.speaker is Speaker.CALLER else None for one in said
    )
    last = max((turn.end for turn in watched.turns), default=0.0)
    waits = watched.rating is None and not watched.with_person and watched.lasts > last
    return Case(
        facts=watched.facts,
        when="finished" if watched.rating is not None else "live",
        said=said,
        sentiments=sentiments,
        quiet_since=(last, watched.lasts) if waits else None,
        rating=watched.rating,
    )


def _readable(watched: LiveCall) -> tuple[Utterance, ...]:
    """What was said so far as everyone may read it: by itself, and of what goes on over several turns."""
    said = tuple(
        Utterance(speaker=turn.speaker, start=turn.start, end=max(turn.end, turn.start + 0.01), text=turn.text)
        for turn in watched.turns
        if turn.text
    )
    heard = Transcript(language=watched.facts.language, engine="", duration=watched.lasts, utterances=said)
    return hide_transcript(redact_transcript(heard).transcript).utterances


def _keep(
    db: Session,
    found: Sequence[Raised],
    facts: CallFacts,
    settings: AlertSettings,
    *,
    recording_id: str | None,
    phone: str,
    now: datetime,
) -> int:
    count = 0
    for one in found:
        rule, evidence = one.rule, one.evidence
        alert = Alert(rule=rule.name, contact_id=facts.contact_id, recording_id=recording_id, evidence=evidence, at=now)
        title = rule.title.get(facts.language) or next(iter(rule.title.values()))
        words = hide(evidence.quote, facts.language) if evidence else ""
        body = {
            "alert": rule.name,
            "title": title,
            "language": facts.language,
            "contact": facts.contact_id,
            "caller": masked(phone),
            "segment": facts.segment,
            "at": now.isoformat(timespec="seconds"),
            "start": evidence.start if evidence else None,
            "end": evidence.end if evidence else None,
            "quote": words,
            "link": _link(settings.web_url, facts.contact_id, evidence.start if evidence else None),
        }
        ways = [*(("mail", to) for to in rule.mail), *(("webhook", to) for to in rule.webhook)]
        callback = None
        if rule.callback and not facts.imported:
            reason = f"{title}: «{words}»" if words else title
            callback = Callback(call_id=facts.contact_id, phone=phone, reason=reason, requested_at=now)
        if raise_once(db, alert, deliveries=ways, body=body, callback=callback):
            count += 1
            log.info("alert %s for %s", rule.name, facts.contact_id)
    return count


def _link(site: str, contact_id: str, start: float | None) -> str:
    at = f"?t={start:g}" if start is not None else ""
    return f"{site.rstrip('/')}/calls/{quote(contact_id, safe='')}{at}"
