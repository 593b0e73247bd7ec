"""Where the conversations stand whose visitors do not want their words to be kept: in this process, for a while."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from ivr.dialog.state import State

KEPT_SECONDS = 3600.0
"""Since the last message; who writes later begins anew."""
MOST = 1000
"""Conversations; of more, the one nobody has written in for longest begins anew."""


class UnkeptStates:
    """Thread-safe.

    A conversation in writing is a row between two messages; this part of it must not be. So one of these visitors whose
    next message comes to another process, or after a restart, is asked from the beginning.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._states: OrderedDict[str, tuple[State, float]] = OrderedDict()
        """The longest untouched first."""

    def put(self, chat_id: str, state: State) -> None:
        """Keep where it stands; a finished one is forgotten."""
        with self._lock:
            self._states.pop(chat_id, None)
            if not state.finished:
                self._states[chat_id] = (state, self._clock() + KEPT_SECONDS)
            self._forget()

    def get(self, chat_id: str) -> State | None:
        with self._lock:
            self._forget()
            return self._states[chat_id][0] if chat_id in self._states else None

    def forget(self) -> None:
        """Let go of what is over."""
        with self._lock:
            self._forget()

    def _forget(self) -> None:
        now = self._clock()
        while self._states and (len(self._states) > MOST or next(iter(self._states.values()))[1] <= now):
            self._states.popitem(last=False)
