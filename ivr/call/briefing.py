"""Keeps Asterisk told of a call, so that a person who takes it over knows what was said though its robot is gone."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from functools import partial

from ivr.call.handoff import context_of
from ivr.dialog.events import AgentLeft, CallEvent, Joined
from ivr.dialog.state import State
from ivr.errors import AriError
from ivr.pools import MEANING_SECONDS, in_thread
from ivr.telephony.ari import Ari
from ivr.telephony.told import Told, tell
from recordings.bounded_threads import BoundedThreads

log = logging.getLogger(__name__)


class Briefing:
    """One caller's. Asterisk is told beside the conversation, and only the newest."""

    def __init__(self, ari: Ari, call_id: str, language: str, *, threads: BoundedThreads) -> None:
        self._threads = threads
        self._ari = ari
        self._call_id = call_id
        self._told = Told(language=language, uui=f"{call_id.encode().hex()};encoding=hex")
        self._state: State | None = None
        self._news = asyncio.Event()
        self._news.set()

    def recorded(self) -> None:
        """The recording runs; it goes on whoever talks with the caller."""
        self._told = replace(self._told, recorded="1")
        self._news.set()

    def step(self, event: CallEvent, state: State) -> None:
        """The conversation has come to a new state."""
        match event:
            case Joined(agent=agent):  # when the person hangs up, it is over
                self._told = replace(self._told, joined=agent, over="1")
            case AgentLeft():
                self._told = replace(self._told, over="")
        if not state.recorded:
            self._told = replace(self._told, recorded="no")
        if state.finished:
            self._told = replace(self._told, over="1")
        self._state = state
        self._news.set()

    async def run(self) -> None:
        """Tell Asterisk until cancelled."""
        told = Told()
        while True:
            await self._news.wait()
            self._news.clear()
            if self._state:
                language = self._told.language
                redact = partial(context_of, self._state, call_id=self._call_id, language=language)
                with suppress(TimeoutError):  # busy: the context of the turn before stands a turn longer
                    context = await in_thread(self._threads, redact, MEANING_SECONDS)
                    self._told = replace(self._told, context=context)
            if self._told != told:
                told = self._told
                try:
                    await tell(self._ari, self._call_id, told)
                except AriError as error:
                    log.warning("call %s: Asterisk could not be told of it: %s", self._call_id, error)


@asynccontextmanager
async def kept_told(briefing: Briefing) -> AsyncIterator[None]:
    """Asterisk is told of the call as long as the block lasts."""
    telling = asyncio.create_task(briefing.run(), name="briefing")
    try:
        yield
    finally:
        telling.cancel()
