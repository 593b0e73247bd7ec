"""The scenarios a robot holds now. Files may change while it runs: new calls get the new version, if it is sound."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from ivr.dialog.nodes import Scenario
from ivr.errors import ScenarioError, StoreError
from ivr.scenario.scenario import loaded
from ivr.scenario.source import read
from ivr.understanding.intent_model import TrainingSamples, learned_model, own_samples
from ivr.understanding.understanding import Understanding, warm_up
from speech.errors import SpeechError
from speech.intents.intents import IntentModel
from speech.settings import local_now

log = logging.getLogger(__name__)

LOOK_SECONDS = 2.0
"""Between looks at the files."""
LESS_URGENT = 10
"""Niceness of learning while calls go on."""
LOOKS_TO_LEARN = 15
"""Looks after which it is asked whether people have labelled anything new."""

Stamps = Mapping[Path, tuple[int, int]]
"""File → time in ns and size in bytes; (0, 0) where it cannot be seen."""
LabelledPhrases = Callable[[str], TrainingSamples]
"""Phrases that people labelled in a language; StoreError when it cannot be asked now."""
Publish = Callable[[str, TrainingSamples], None]
"""Takes the examples of a language's scenarios, to train on elsewhere; StoreError when it cannot now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedScenario:
    """One scenario with all that it takes to understand its callers. A call keeps the one it began with."""

    scenario: Scenario
    understanding: Understanding


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """One scenario file."""

    stamps: Stamps
    """Stamps of all files it is made of, as they were when it was last looked at."""
    loaded: LoadedScenario | None
    """The last sound version."""


class ScenarioRegistry:
    """What the robot can hold, by extension. One task changes it, calls only read."""

    def __init__(
        self,
        folders: Sequence[Path],
        *,
        first: str = "",
        labelled: LabelledPhrases | None = None,
        publish: Publish | None = None,
        learn: Callable[[Scenario, TrainingSamples], IntentModel | None] = learned_model,
    ) -> None:
        """Read every scenario; understood by rules alone until ``learn_all``.

        Args:
            folders: Of entry files, ``*.yaml``; what these include may lie in folders below.
            first: Extension whose scenario takes calls to extensions that have none.
            labelled: Phrases that people labelled, by language.
            publish: Told the examples whenever they have changed.
            learn: Makes the model of a scenario.

        Raises:
            ScenarioError: a file has faults, two want one extension, or there is none.
        """
        self._folders = folders
        self._first = first
        self._labelled = labelled
        self._publish = publish
        self._published: dict[str, TrainingSamples] = {}
        self._learn = learn
        self._looks = 0
        self._entries: dict[Path, _Entry] = {}
        for path in self._paths():
            scenario, stamps = self._load(path)
            self._entries[path] = _Entry(stamps=stamps, loaded=_load(scenario, None))
        if not self._entries:
            raise ScenarioError(f"no scenario (*.yaml) in {', '.join(map(str, folders))}")
        self.languages = frozenset(loaded.scenario.language for loaded in self.all_loaded.values())
        """Those the robot has a recogniser and a voice for."""

    @property
    def all_loaded(self) -> Mapping[str, LoadedScenario]:
        """By extension, that of ``first`` first, then in the order of the files' names."""
        all_loaded = {entry.loaded.scenario.extension: entry.loaded for entry in self._entries.values() if entry.loaded}
        return dict(sorted(all_loaded.items(), key=lambda item: item[0] != self._first))

    def loaded(self, extension: str) -> LoadedScenario:
        """What is held with a caller of this extension."""
        all_loaded = self.all_loaded
        return all_loaded.get(extension) or next(iter(all_loaded.values()))

    def in_language(self, loaded: LoadedScenario, language: str) -> LoadedScenario:
        """The same scenario in a caller's language, where there is one.

        Only for who rang the main number: whoever rings another one has chosen its language.
        """
        if loaded.scenario.extension != self._first:
            return loaded
        name = loaded.scenario.name
        same = (other for other in self.all_loaded.values() if other.scenario.name == name)
        return next((other for other in same if other.scenario.language == language), loaded)

    def learn_all(self) -> None:
        """Learn every scenario's intents, as far as there is anything new. Takes seconds; blocks."""
        for language in self.languages:
            warm_up(language)
        for path, entry in list(self._entries.items()):
            if entry.loaded:
                loaded = _load(
                    entry.loaded.scenario, self._model(entry.loaded.scenario, entry.loaded.understanding.intents)
                )
                self._entries[path] = _Entry(stamps=entry.stamps, loaded=loaded)
        if self._publish:
            self._tell(self._publish)

    def _tell(self, publish: Publish) -> None:
        """Publish the examples of each language, where they are others than last time."""
        scenarios = [loaded.scenario for loaded in self.all_loaded.values()]
        for language in {scenario.language for scenario in scenarios}:
            examples: dict[str, str | None] = {}
            for scenario in scenarios:
                examples |= own_samples(scenario) if scenario.language == language else {}
            if examples != self._published.get(language):
                try:
                    publish(language, examples)
                except StoreError as error:
                    log.warning("%s; tried again soon", error)
                else:
                    self._published[language] = examples

    def look(self) -> None:
        """Take in files that have changed since the last look; a faulty one is refused, with a reason in the log."""
        for path in self._paths():
            known = self._entries.get(path)
            if known and known.stamps == _stamps(known.stamps):
                continue
            # before they are read for good: what is saved while a refusal is told is seen by the next look
            before = _stamps({*read(path).files, *(known.stamps if known else ())})
            try:
                scenario, stamps = self._load(path)
                if scenario.language not in self.languages:
                    raise ScenarioError(f"{path}: language {scenario.language!r} takes a new start of the robot")
            except ScenarioError as error:
                running = known.loaded.scenario.version if known and known.loaded else "none"
                log.error("a changed scenario is refused, version %s stays:\n%s", running, error)
                self._entries[path] = _Entry(stamps=before, loaded=known.loaded if known else None)
                continue
            loaded = _load(scenario, self._model(scenario, None))
            self._entries[path] = _Entry(stamps=stamps, loaded=loaded)
            log.info("new calls to %s hold %s %s", scenario.extension, scenario.name, scenario.version)

    def keep_up(self) -> None:
        """Keep in step with the files and, every ``LOOKS_TO_LEARN`` times, with what people label. Blocks."""
        if self._looks % LOOKS_TO_LEARN == 0:
            self.learn_all()
        else:
            self.look()
        self._looks += 1

    async def watch(self) -> None:
        """Keep up beside live calls, until cancelled."""
        loop = asyncio.get_running_loop()
        thread = ThreadPoolExecutor(1, thread_name_prefix="learning", initializer=_give_way)
        try:
            while True:
                await loop.run_in_executor(thread, self.keep_up)
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            thread.shutdown(wait=False)  # the calls that end meanwhile do not wait for it

    def _paths(self) -> list[Path]:
        return [path for folder in self._folders for path in sorted(folder.glob("*.yaml"))]

    def _load(self, path: Path) -> tuple[Scenario, Stamps]:
        stamps = _stamps(read(path).files)  # before the files are read for good: a later change is seen
        source = read(path)
        scenario = loaded(source)
        for other, entry in self._entries.items():
            if other != path and entry.loaded and entry.loaded.scenario.extension == scenario.extension:
                raise ScenarioError(f"{path}: extension {scenario.extension} has a scenario already: {other}")
        return scenario, stamps if stamps.keys() == set(source.files) else _stamps(source.files)

    def _model(self, scenario: Scenario, running: IntentModel | None) -> IntentModel | None:
        """The scenario's model; the running one where it cannot be learned now."""
        try:
            model = self._learn(scenario, self._labelled(scenario.language) if self._labelled else {})
        except (SpeechError, StoreError, OSError, ValueError) as error:
            instead = f"stays with model {running.version}" if running else "is understood by rules alone"
            log.error("%s %s, its intents could not be learned: %s", scenario.name, instead, error)
            return running
        if model is None:
            log.warning("%s is understood by rules alone: it has no intents with examples", scenario.name)
        elif running is None or running.version != model.version:
            log.info("%s %s is understood by intent model %s", scenario.name, scenario.version, model.version)
        return model


def _give_way() -> None:
    """Calls go first: on Linux each thread, and those it starts, have a priority of their own."""
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), LESS_URGENT)


def _load(scenario: Scenario, model: IntentModel | None) -> LoadedScenario:
    understanding = Understanding(language=scenario.language, intents=model, now=local_now)
    return LoadedScenario(scenario=scenario, understanding=understanding)


def _stamps(files: Mapping[Path, object] | set[Path] | Sequence[Path]) -> Stamps:
    return {path: _stamp(path) for path in files}


def _stamp(path: Path) -> tuple[int, int]:
    try:
        stat = path.stat()
    except OSError:
        return 0, 0
    return stat.st_mtime_ns, stat.st_size
