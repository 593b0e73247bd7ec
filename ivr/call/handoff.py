"""Handing a caller to a person, together with what was said."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from ivr.call_log.writer import CallLogWriter
from ivr.dialog.actions import Transfer
from ivr.dialog.events import AgentLeft, Joined, Refusal, Unanswered
from ivr.dialog.state import State
from ivr.errors import AriError
from ivr.telephony.channels import Channel
from ivr.telephony.leg import PhoneLeg
from recordings.contacts.call import Leg
from speech.recognition.words import Speaker
from speech.redaction.redaction import redact_phrases

log = logging.getLogger(__name__)

CONTEXT_BYTES = 1000
"""Bound of the header: a longer INVITE would not fit one UDP packet."""
MOST_PHRASES = 10
"""Newest answers that are looked at: more do not fit."""
LONGEST_NUMBER, LONGEST_ORDER = 64, 32
KEYS = re.compile(r"\[[0-9*#]*\]?")
"""Keys among what was said, as ``[4127]``: people type cards and codes."""


def context(transfer: Transfer, *, call_id: str, language: str) -> str:
    """What the person's program should know, for one SIP header: JSON in percent-encoded UTF-8, at most 1,000 bytes.

    Keys: ``call``, ``number``, ``language``, ``said`` (the caller's last words, in order), ``order``, ``reason``. Words
    are redacted and keys left out: the header goes over the wire in clear, and phones write it into their logs. The
    oldest words are left out first where there are too many.
    """
    return _context(transfer.said, transfer.facts, transfer.reason, call_id=call_id, language=language)


def context_of(state: State, *, call_id: str, language: str, reason: str = "failure") -> str:
    """The same of a conversation as it stands now, for a person who takes over when no robot is there to hand over."""
    said = state.said if state.recorded else ()
    return _context(said, state.facts, reason, call_id=call_id, language=language)


def _context(said: Sequence[str], facts: Mapping[str, str], reason: str, *, call_id: str, language: str) -> str:
    words = [text for row in said[-MOST_PHRASES:] if (text := KEYS.sub("", row).strip())]
    shown = list(redact_phrases(words, language))
    (order,) = redact_phrases((facts.get("order.number", "")[:LONGEST_ORDER],), language)
    while True:
        body = {
            "call": call_id,
            "number": facts.get("caller.number", "")[:LONGEST_NUMBER],
            "language": language,
            "said": shown,
            "order": order,
            "reason": reason,
        }
        header = quote(json.dumps(body, ensure_ascii=False, separators=(",", ":")), safe="{}[]:@", errors="replace")
        if len(header) <= CONTEXT_BYTES or not shown:
            return header
        shown = shown[1:] if len(shown) > 1 else _halved(shown[0])


def _halved(text: str) -> list[str]:
    words = text.split()
    return [" ".join(words[len(words) // 2 :])] if len(words) > 1 else []


def invite_variables(transfer: Transfer, *, call_id: str, language: str) -> Mapping[str, str]:
    """Channel variables that put the context into the INVITE to the person's phone."""
    return {
        "PJSIP_HEADER(add,X-Call-Context)": context(transfer, call_id=call_id, language=language),
        "PJSIP_HEADER(add,User-to-User)": f"{call_id.encode().hex()};encoding=hex",
    }


def refusal(cause: int) -> Refusal:
    """Why a person's phone did not take the call, by the cause its channel ended with (Q.850)."""
    match cause:
        case 17:
            return Refusal.BUSY
        case 21:
            return Refusal.REFUSED
        case 18 | 19:
            return Refusal.NO_ANSWER
        case _:
            return Refusal.UNREACHABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentTarget:
    """Whom calls are handed to."""

    endpoint: str
    """As ``PJSIP/agent``."""
    ring_seconds: float


async def hand_over(
    leg: PhoneLeg, transfer: Transfer, agent_target: AgentTarget, call_log: CallLogWriter, language: str
) -> None:
    """Find a person, brief them alone, join them with the caller, who hears music meanwhile.

    Ends with ``Unanswered`` or, when the person hangs up first, ``AgentLeft``; the caller is back with the robot then.
    Cancelled when the caller hangs up: the person's phone stops ringing.
    """
    await leg.playback.drained()  # nobody is put on hold in the middle of a word
    agent = leg.channels.channel(f"agent-{leg.call_id}-{leg.clock():.0f}")
    try:
        try:
            refused = await _find(leg, agent, transfer, agent_target, call_log, language)
        except (AriError, TimeoutError) as error:
            log.warning("call %s: %s could not be reached: %s", leg.call_id, agent_target.endpoint, error)
            refused = Refusal.UNREACHABLE
        if refused is None:
            leg.tell(Joined(agent=agent_target.endpoint))
            started = leg.clock()
            call_log.leg(Leg(call_id=leg.call_id, speaker=Speaker.AGENT, channel=agent.name, started=started))
            leg.joined = True
            try:
                await agent.until_gone()
                leg.joined = False
            finally:
                call_log.leg(
                    Leg(
                        call_id=leg.call_id,
                        speaker=Speaker.AGENT,
                        channel=agent.name,
                        started=started,
                        ended=leg.clock(),
                    )
                )
        await leg.meet()
        leg.tell(AgentLeft() if refused is None else Unanswered(reason=refused))
    finally:
        if not leg.talks_on:
            await _clear(leg, agent)


async def _find(
    leg: PhoneLeg, agent: Channel, transfer: Transfer, agent_target: AgentTarget, call_log: CallLogWriter, language: str
) -> Refusal | None:
    """Ring, brief and join a person; why not, when that did not come about."""
    hold, talk = f"hold-{leg.call_id}", f"talk-{leg.call_id}"
    await leg.ari.post("bridges", type="holding", bridgeId=hold)
    await leg.ari.post(f"bridges/{hold}/addChannel", channel=leg.call_id)
    await leg.ari.post(f"bridges/{hold}/moh")
    await leg.ari.post(
        "channels",
        endpoint=agent_target.endpoint,
        app=leg.ari.app,
        appArgs="agent",
        channelId=agent.id,
        originator=leg.call_id,
        callerId=transfer.facts.get("caller.number", ""),
        timeout=f"{agent_target.ring_seconds:.0f}",
        body={"variables": dict(invite_variables(transfer, call_id=leg.call_id, language=language))},
    )
    log.info("call %s: ringing %s", leg.call_id, agent_target.endpoint)
    await leg.playback.prepare(transfer.summary)
    if not await agent.until_up(agent_target.ring_seconds + 5):
        reason = refusal(agent.gone.result())
        log.info("call %s: nobody took it (%s)", leg.call_id, reason)
        return reason
    call_log.change(agent=agent_target.endpoint, summary=transfer.summary.text)
    await leg.ari.post(f"bridges/{leg.bridge}/addChannel", channel=agent.id)
    leg.playback.say(transfer.summary)
    told = asyncio.create_task(leg.playback.drained())
    either: set[asyncio.Future[Any]] = {told, agent.gone}
    try:
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
    finally:
        told.cancel()
    if agent.gone.done():
        await leg.playback.hush()
        log.info("call %s: the person hung up before being joined", leg.call_id)
        return Refusal.LEFT
    await leg.ari.post("bridges", type="mixing", bridgeId=talk)
    await leg.ari.post(f"bridges/{talk}/addChannel", channel=f"{leg.call_id},{agent.id}")
    log.info("call %s: joined with %s", leg.call_id, agent.name)
    return None


async def _clear(leg: PhoneLeg, agent: Channel) -> None:
    paths = (f"channels/{agent.id}", f"bridges/hold-{leg.call_id}", f"bridges/talk-{leg.call_id}")
    leg.ari.left_over.update(paths)  # until they are removed
    try:
        for path in paths:
            await leg.ari.remove(path)
    except AriError as error:
        log.warning("call %s: the person's side could not be cleared in Asterisk: %s", leg.call_id, error)
    leg.channels.forget(agent.id)
