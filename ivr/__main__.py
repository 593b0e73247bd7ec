"""``python -m ivr``: the robot. Reads its settings, loads recognisers and voices, then takes calls until SIGTERM."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from collections.abc import Iterable, Mapping
from contextlib import AsyncExitStack
from datetime import timedelta
from functools import partial

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from ivr.admission import Admission, bounds
from ivr.business.proof import open_access
from ivr.business.requests import open_requests
from ivr.call.handoff import AgentTarget
from ivr.call.listening import RecognizerPool
from ivr.call.live_robot import Robot
from ivr.call.turned_away import texts as texts_of_busy_lines
from ivr.call_log.spool import Spool
from ivr.dialog import keypad
from ivr.dialog.nodes import Scenario
from ivr.dialog.question import recorded_part, recording
from ivr.dialog.scalars import Spoken, found
from ivr.dialog.wording import is_static
from ivr.errors import IvrError, StoreError
from ivr.pools import Pools, in_thread
from ivr.robot import serve
from ivr.scenario.registry import ScenarioRegistry
from ivr.settings import RobotSettings
from ivr.telephony.ari import Ari
from ivr.telephony.channels import Channels
from ivr.telephony.recorder import RecordingSink
from ivr.understanding.training_samples import labelled_phrases, publish
from recordings.audio_store import AudioStore
from recordings.bounded_threads import BoundedThreads
from recordings.database import connect, migrate
from recordings.errors import SchemaUnfit
from recordings.privacy.settings import privacy_settings
from recordings.settings import StoreSettings
from speech.errors import SpeechError
from speech.recognition.engines import open_recognizer
from speech.redaction.log_masks import mask_logs
from speech.settings import SpeechSettings, home
from speech.synthesis.prompts import Prompts
from speech.synthesis.synthesizer import Voice
from speech.synthesis.voices import open_voice
from speech.text.sentences import sentences

log = logging.getLogger("ivr")

STATEMENT_SECONDS = 8.0
"""Longest statement beside live calls: each looks up or writes a row or two."""
MOST_DECODING = 100
"""Pieces of sound that may wait for a decoder; each live call has one at the most."""


async def run(settings: RobotSettings, speech: SpeechSettings, store: StoreSettings) -> None:
    """Hold conversations until cancelled.

    Raises:
        IvrError: a scenario has faults, or Asterisk refuses the robot.
        SpeechError: a language of the scenarios has no recogniser or no voice.
    """
    folders, first = settings.scenario_folders, settings.default_extension
    database = connect(store.database_url, statement_seconds=STATEMENT_SECONDS)
    registry = ScenarioRegistry(
        folders, first=first, labelled=partial(labelled_phrases, database), publish=partial(publish, database)
    )
    scenarios = {extension: loaded.scenario for extension, loaded in registry.all_loaded.items()}
    languages = sorted(registry.languages)
    threads = Pools()
    await in_thread(threads.order, _migrate, None, store.database_url)
    await in_thread(threads.order, registry.learn_all, None)  # before the first call: learning takes all cores
    async with AsyncExitStack() as stack:
        stack.callback(database.dispose)
        decoding = BoundedThreads("decoding", threads=speech.decoding_threads, waiting=MOST_DECODING, most_left=2)
        voices: dict[str, Voice] = {}
        for language in languages:
            voices[language] = open_voice(language, speech)
            stack.callback(voices[language].close)
        prompts = Prompts(voices, cache_dir=speech.prompts_dir, recorded_dir=speech.recorded_dir)
        pools = {
            language: RecognizerPool(
                recognizer=await in_thread(threads.order, open_recognizer, None, language, speech, live=True),
                threads=decoding,
                meaning=threads.meaning,
            )
            for language in languages
        }
        await in_thread(threads.order, _render_ahead, None, prompts, scenarios.values())
        requests = await in_thread(threads.order, open_requests, None, settings, database, languages=languages)
        stack.callback(requests.close)
        ari = await stack.enter_async_context(
            Ari(
                settings.ari_address,
                user=settings.ari_user,
                password=settings.ari_password.get_secret_value(),
                app=settings.stasis_app,
            )
        )
        _log_ready(scenarios, pools, voices)
        await serve(
            Robot(
                ari=ari,
                channels=Channels(),
                pools=pools,
                threads=threads,
                admission=_admission(settings, pools.values()),
                prompts=prompts,
                access=open_access(requests, settings, database),
                lookup_seconds=settings.lookup_seconds,
                agent_target=AgentTarget(endpoint=settings.agent_endpoint, ring_seconds=settings.agent_ring_seconds),
                sink=RecordingSink(
                    database=database,
                    store=AudioStore(store.audio_url),
                    broker_url=store.broker,
                    spool=Spool(home() / "unwritten"),
                    unknown_for=timedelta(days=privacy_settings().unknown_sound_days),
                    threads=threads.home,
                ),
                registry=registry,
            )
        )


def _migrate(url: str) -> None:
    try:
        migrate(url)
    except SchemaUnfit as error:
        raise StoreError(str(error)) from error
    except (SQLAlchemyError, OSError) as error:
        try:
            shown = make_url(url).render_as_string(hide_password=True)
        except ArgumentError:
            shown = "its address cannot be read"
        reason = getattr(error, "orig", None) or error
        raise StoreError(
            f"the database of calls does not answer, see OTKLIK_DATABASE_URL: {shown}: {reason}"
        ) from error


def _render_ahead(prompts: Prompts, scenarios: Iterable[Scenario]) -> None:
    """What is said in every call is rendered before the first one."""
    used: list[tuple[str, str]] = []
    for scenario in scenarios:
        for text in (*texts_of_busy_lines(scenario.language), *keypad.texts(scenario)):
            for sentence in sentences(text):
                if is_static(sentence):
                    prompts.sound(sentence, scenario.language, keep=True)
                    used.append((sentence, scenario.language))
        for node in scenario.nodes.values():
            for where, text in found(node, Spoken):
                if is_static(text):
                    name = recording(scenario, node, recorded_part(node, where))
                    prompts.sound(text, scenario.language, name, keep=True)
                    used.append((text, scenario.language))
                for sentence in sentences(text):
                    if is_static(sentence):
                        prompts.sound(sentence, scenario.language, keep=True)
                        used.append((sentence, scenario.language))
    prompts.tidy(used)


def _admission(settings: RobotSettings, pools: Iterable[RecognizerPool]) -> Admission:
    """Bounds by the engine that takes most, where several hear."""
    found = [
        bounds(
            calls=settings.most_calls,
            speech=settings.most_speech_calls,
            of_number=settings.most_calls_of_number,
            engine=pool.recognizer.engine,
        )
        for pool in pools
    ]
    least = min(found, key=lambda bound: bound.speech)
    log.info("at once at the most %d calls, %d of them heard; see OTKLIK_MOST_CALLS", least.calls, least.speech)
    return Admission(least)


def _log_ready(
    scenarios: Mapping[str, Scenario], pools: Mapping[str, RecognizerPool], voices: Mapping[str, Voice]
) -> None:
    lines = [
        f"{extension}: {scenario.name} {scenario.version}, {scenario.language}, "
        f"heard by {pools[scenario.language].recognizer.engine}, spoken by {voices[scenario.language].name}"
        for extension, scenario in scenarios.items()
    ]
    log.info("ready; %s", "; ".join(lines))


async def _until_stopped() -> None:
    work = asyncio.current_task()
    assert work is not None  # noqa: S101  # we are running in it
    for stop in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(stop, work.cancel)
    try:
        await run(RobotSettings(), SpeechSettings(), StoreSettings())
    except asyncio.CancelledError:
        log.info("stopped")


def main() -> int:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    mask_logs()
    logging.getLogger("faster_whisper").setLevel(logging.WARNING)  # it tells of every turn
    status = 0
    try:
        asyncio.run(_until_stopped())
    except* (IvrError, SpeechError) as errors:
        for error in errors.exceptions:
            log.error("%s", error)
        status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
