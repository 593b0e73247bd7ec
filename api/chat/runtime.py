"""What conversations in writing need of the company: scenarios, understanding, the business system.

Loaded when the first visitor comes, and again when a scenario's files have changed; a faulty change is logged and the
scenarios that ran go on. Conversations keep the version they began with while this process lives.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from time import monotonic
from typing import Annotated
from weakref import WeakValueDictionary

from fastapi import Depends
from sqlalchemy import Engine
from starlette.requests import HTTPConnection

from api.chat.unkept import UnkeptStates
from ivr.business.proof import Access, open_access
from ivr.business.requests import Requests, open_requests
from ivr.errors import ScenarioError
from ivr.scenario.registry import LOOK_SECONDS, LoadedScenario, ScenarioRegistry
from ivr.settings import RobotSettings, robot_settings
from ivr.understanding.training_samples import labelled_phrases

log = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True, weakref_slot=True)
class _Turn:
    """Held by whoever answers a visitor."""

    lock: threading.Lock = field(default_factory=threading.Lock)


class ChatRuntime:
    """Everything chats share in one process. Thread-safe."""

    def __init__(self, database: Engine, settings: RobotSettings | None = None) -> None:
        self.database = database
        self.unkept = UnkeptStates()
        """Conversations of visitors who do not want their words to be kept."""
        self._settings = settings
        self._loading = threading.Lock()
        """Held by whoever loads scenarios, which takes seconds."""
        self._opening = threading.Lock()
        self._registry: ScenarioRegistry | None = None
        self._by_language: Mapping[str, LoadedScenario] = {}
        self._versions: dict[str, LoadedScenario] = {}
        self._access: Access | None = None
        self._looked = -LOOK_SECONDS
        self._trouble: ScenarioError | None = None
        self._turns: WeakValueDictionary[tuple[str, str], _Turn] = WeakValueDictionary()

    @property
    def access(self) -> Access:
        """By it conversations ask the company."""
        with self._opening:
            if self._access is None:
                settings = self._own_settings()
                self._access = open_access(open_requests(settings, self.database), settings, self.database)
            return self._access

    @property
    def requests(self) -> Requests:
        """Who answers, for what is no conversation."""
        return self.access.requests

    def loaded(self, language: str) -> LoadedScenario:
        """The conversation of a language as it is now; of a language without one, the first there is.

        Raises:
            ScenarioError: the files have faults, and there were none before.
        """
        by_language = self._current()
        return by_language.get(language) or next(iter(by_language.values()))

    def version(self, version: str) -> LoadedScenario | None:
        """A conversation by its version, as long as this process has known it."""
        self._current()
        return self._versions.get(version)

    @contextmanager
    def alone(self, channel: str, address: str) -> Iterator[None]:
        """Nobody else answers this visitor meanwhile."""
        with self._opening:
            turn = self._turns.setdefault((channel, address), _Turn())
        with turn.lock:
            yield

    def close(self) -> None:
        """Let go of the business system."""
        if self._access is not None:
            self._access.requests.close()

    def _own_settings(self) -> RobotSettings:
        return self._settings or robot_settings()

    def prepare(self) -> None:
        """Load now rather than while the first visitor waits; what is wrong is logged."""
        with suppress(ScenarioError):
            self._current()

    def _current(self) -> Mapping[str, LoadedScenario]:
        """What there is. The first load is waited for; a change of the files is learned while the old go on."""
        if not self._by_language:
            with self._loading:
                if not self._by_language:
                    self._look()
        elif monotonic() - self._looked >= LOOK_SECONDS and self._loading.acquire(blocking=False):
            threading.Thread(target=self._look_again, name="scenarios", daemon=True).start()
        if not self._by_language:
            raise self._trouble or ScenarioError("no scenario is loaded")
        return self._by_language

    def _look_again(self) -> None:
        try:
            self._look()
        finally:
            self._loading.release()

    def _look(self) -> None:
        if monotonic() - self._looked < LOOK_SECONDS:
            return
        try:
            if self._registry is None:
                self._registry = self._open()
            self._registry.keep_up()
        except ScenarioError as error:
            log.error("the scenarios of the chat have faults: %s", error)
            self._trouble = error
        else:
            by_language: dict[str, LoadedScenario] = {}
            for loaded in self._registry.all_loaded.values():
                by_language.setdefault(loaded.scenario.language, loaded)
            self._versions |= {loaded.scenario.version: loaded for loaded in by_language.values()}
            self._by_language = by_language
        self._looked = monotonic()

    def _open(self) -> ScenarioRegistry:
        settings = self._own_settings()
        return ScenarioRegistry(
            settings.scenario_folders,
            first=settings.default_extension,
            labelled=partial(labelled_phrases, self.database),
        )


def chat_runtime(request: HTTPConnection) -> ChatRuntime:
    """The one of this process."""
    found: ChatRuntime = request.app.state.chat_runtime
    return found


Runtime = Annotated[ChatRuntime, Depends(chat_runtime)]
