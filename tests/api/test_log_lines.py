"""The log of a whole call, chat, mail and import: ids, and nothing by which anybody could be rung or named."""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest
from sqlalchemy import Engine

from api.chat.messages import Writer, take
from api.chat.runtime import ChatRuntime
from ivr.business.protocol import Reply
from ivr.business.requests import Requests
from ivr.call_log.spool import Spool
from ivr.call_log.writer import CallLogWriter
from ivr.errors import BusinessError
from ivr.settings import RobotSettings
from recordings.audio.intake import register
from recordings.audio_store import AudioStore
from recordings.contacts.call import Call, Outcome, Turn
from recordings.database import connect, migrate
from speech.audio.audio import Sound, write_wav
from speech.errors import SpeechError
from speech.recognition.words import Speaker
from speech.redaction.log_masks import mask_logs

pytestmark = pytest.mark.unit

NUMBER, MAIL = "+79161234567", "ivan.petrov@example.com"
PRIVATE = ("1234567", "123-45-67", "ivan.petrov", "Петров", "диабет")


@pytest.fixture
def lines() -> Iterator[Callable[[], str]]:
    """What the parts would write into their log, at its most talkative."""
    out = io.StringIO()
    handler, root = logging.StreamHandler(out), logging.getLogger()
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
    mask_logs([handler])
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield out.getvalue
    root.removeHandler(handler)
    root.setLevel(before)


@pytest.fixture
def database(tmp_path: Path, lines: Callable[[], str]) -> Iterator[Engine]:
    migrate(f"sqlite:///{tmp_path / 'otklik.db'}")
    engine = connect(f"sqlite:///{tmp_path / 'otklik.db'}")
    yield engine
    engine.dispose()


def private(written: str) -> list[str]:
    return [line for line in written.splitlines() if any(word in line for word in PRIVATE)]


def test_a_chat_and_a_mail(database: Engine, lines: Callable[[], str], tmp_path: Path) -> None:
    settings = RobotSettings(
        scenarios=str(Path(__file__).parent / "scenarios"), shop_url=f"sqlite:///{tmp_path / 'shop.db'}"
    )
    runtime = ChatRuntime(database, settings)
    for who in (
        Writer(channel="web", address="visitor", language="ru"),
        Writer(channel="mail", address=MAIL, language="ru", email=MAIL, phone=NUMBER),
    ):
        for text in ("меня зовут Иван Петров, у меня диабет", "запись", NUMBER, "оператора", "да", NUMBER):
            take(runtime, who, text, uuid4().hex)
    runtime.close()
    assert lines()
    assert private(lines()) == []


def test_a_call_its_wish_and_a_database_that_is_away(
    database: Engine, lines: Callable[[], str], tmp_path: Path
) -> None:
    class Away:
        def ask(self, *_: object, **__: object) -> Reply:
            raise BusinessError("nobody answers")

        def close(self) -> None: ...

    call = Call(
        id="1795327401.7", started_at=datetime.now(UTC), caller_number=NUMBER, extension="9000", language="ru",
        scenario="chat", scenario_version="1", engine="vosk",
    )  # fmt: skip

    async def hold(engine: Engine) -> None:
        call_log = CallLogWriter(engine, Spool(tmp_path / "unwritten"), call)
        writer = asyncio.create_task(call_log.run())
        call_log.turn(Turn(speaker=Speaker.CALLER, node="a", text="меня зовут Иван Петров, у меня диабет"))
        call_log.turn(Turn(number=2, speaker=Speaker.CALLER, node="a\0", text=f"звоните {NUMBER}"))
        call_log.promise_callback(NUMBER, "у меня диабет")
        call_log.close(Outcome.CALLBACK)
        await call_log.written(0.6)
        writer.cancel()
        call_log.put_aside()

    asyncio.run(hold(database))
    nowhere = connect(f"sqlite:///{tmp_path / 'empty.db'}")
    asyncio.run(hold(nowhere))
    nowhere.dispose()
    (kept,) = (tmp_path / "unwritten").glob("*.jsonl")
    kept.write_text(kept.read_text("utf-8") + '{"kind": "said", "turn": "у меня диабет"}\n', "utf-8")
    Spool(tmp_path / "unwritten").replay(database)
    facts = {"ticket.problem": "у меня диабет", "ticket.since": "вчера", "ticket.urgency": "high"}
    facts |= {"contact.phone": NUMBER}
    Requests(business=Away(), database=database).ask("tickets.create", facts, "ru", contact=call.id)
    assert "entries stay in" in lines()
    assert private(lines()) == []


def _cut_short(file: Path) -> Path:
    """A FLAC whose second half is missing: it is decoded as far as it goes, and the log tells."""
    import av

    target = file.with_suffix(".flac")
    with av.open(str(target), "w") as box:
        stream = box.add_stream("flac", rate=8000)
        noise = np.random.default_rng(1).integers(-9000, 9000, (1, 80_000), dtype=np.int16)
        frame = av.AudioFrame.from_ndarray(noise, format="s16", layout="mono")
        frame.rate = 8000
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            box.mux(packet)
    target.write_bytes(target.read_bytes()[:60_000] + b"\xff" * 40_000)
    return target


def test_an_import(database: Engine, lines: Callable[[], str], tmp_path: Path) -> None:
    """Failed before: names of files were logged as they are."""
    file = tmp_path / f"Иван Петров ({NUMBER}) 2026-03-01.wav"
    write_wav(file, Sound(samples=np.zeros((1, 8000), np.int16), rate=8000))
    store = AudioStore(f"file://{tmp_path / 'sound'}")
    for _ in range(2):
        register(database, store, file, filename=file.name, language="ru")
    with suppress(SpeechError):
        register(database, store, _cut_short(file), filename=file.name, language="ru")
    assert "is damaged" in lines()
    assert private(lines()) == []
