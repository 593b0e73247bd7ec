"""People known by e-mail or messenger alone; erasures that end later than they were asked for. On both databases."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, update

from recordings.audio_store import AudioStore
from recordings.calls import call_log, callbacks
from recordings.contacts.call import Call, Callback, Outcome
from recordings.contacts.chat import Chat, Message
from recordings.customers import cards, chats
from recordings.database import reading, transaction
from recordings.errors import CallGoesOn
from recordings.privacy import privacy
from recordings.privacy.receipts import find_erasures
from recordings.privacy.settings import PrivacySettings
from recordings.privacy.sound_spools import begin_look, end_look
from recordings.privacy.subject import subject_from
from recordings.tables import CallbackRow, ChatRow, CustomerRow, ErasureRow
from speech.recognition.words import Speaker
from tests.recordings.privacy.installation import settings_in

pytestmark = pytest.mark.services

NOW = datetime.now(UTC)
ANNA = "+79161234567"


@pytest.fixture
def settings(tmp_path: Path) -> PrivacySettings:
    return settings_in(tmp_path)


def chat(database: Engine, id_: str, channel: str, address: str, *, email: str = "") -> None:
    opened = Chat(
        id=id_, channel=channel, address=address, language="ru", scenario="s", scenario_version="v", started_at=NOW,
        last_at=NOW,
    )  # fmt: skip
    with transaction(database) as db:
        chats.open_chat(db, opened)
        cards.meet_visitor(db, id_, email=email, language="ru", source="")
        words = Message(number=1, speaker=Speaker.CALLER, node="", text=f"я {address}, где заказ", at=NOW)
        chats.note_message(db, id_, words)
        chats.close_chat(db, id_, ended_at=NOW, outcome=Outcome.SETTLED)


@pytest.mark.parametrize(
    ("whom", "channel", "address", "other"),
    [
        ("Anna@Example.org", "mail", "anna@example.org", "joanna@example.org"),
        ("telegram:4711", "telegram", "4711", "47112"),
    ],
)
def test_who_only_writes_is_exported_and_erased(
    database: Engine, store: AudioStore, settings: PrivacySettings, tmp_path: Path, whom: str, channel: str,
    address: str, other: str,
) -> None:  # fmt: skip
    for id_, sender in (("theirs", address), ("other", other)):
        chat(database, id_, channel, sender, email=sender if channel == "mail" else "")
    target = tmp_path / "person.zip"
    counts = privacy.export_person(database, store, whom, target, by="olga", settings=settings)
    assert {name: counts[name] for name in ("chats", "messages", "customers")} == dict.fromkeys(
        ("chats", "messages", "customers"), 1
    )
    with zipfile.ZipFile(target) as archive:
        assert [row["id"] for row in json.loads(archive.read("person.json"))["chats"]] == ["theirs"]
    receipt = privacy.erase_person(database, store, whom, by="olga", settings=settings)
    assert (receipt.state, receipt.left) == ("done", [])
    assert privacy.verify_erased(database, store, whom, settings) == ()
    with reading(database) as db:
        assert db.scalars(select(ChatRow.id)).all() == ["other"]
        assert len(db.scalars(select(CustomerRow.id)).all()) == 1
        assert address not in str(db.execute(select(ErasureRow)).mappings().all())
        assert find_erasures(db, subject_from(whom), settings)


def test_who_joined_a_card_by_typing_a_number_opens_it_to_nobody(
    database: Engine, store: AudioStore, settings: PrivacySettings
) -> None:
    """A stranger typed Anna's number: their chat stands in her card. Erased alone, it leaves her data."""
    chat(database, "hers", "sms", ANNA)
    chat(database, "strange", "telegram", "4711")
    with transaction(database) as db:
        cards.bind(db, "hers", ANNA, language="ru")
        cards.bind(db, "strange", ANNA, language="ru")
    assert privacy.erase_person(database, store, "telegram:4711", by="olga", settings=settings).state == "done"
    with reading(database) as db:
        assert db.scalars(select(ChatRow.id)).all() == ["hers"]
        assert db.scalars(select(CustomerRow.phone)).all() == [ANNA]


def test_a_new_number_of_a_call_back_is_its_own(database: Engine) -> None:
    chat(database, "chat", "telegram", "4711")
    with transaction(database) as db:
        for phone in ("", "+79030000001", ANNA):
            callbacks.wait_in_chat(db, Callback(chat_id="chat", phone=phone, reason="", requested_at=NOW))
        assert db.scalars(select(CallbackRow.number)).one() == ANNA


def test_an_erasure_that_was_put_off_goes_on_by_itself(
    database: Engine, store: AudioStore, settings: PrivacySettings, ringing: Callable[..., Call]
) -> None:
    """Somebody talked with her; then Asterisk had to be looked into. Nobody asks again, the receipt names nobody."""
    with transaction(database) as db:
        call_log.open_call(db, ringing(id="otklik-1.1", started_at=NOW, caller_number=ANNA))
    end_look(database, begin_look(database, "otklik"), {"otklik-1.1"})
    with pytest.raises(CallGoesOn):
        privacy.erase_person(database, store, ANNA, by="olga", settings=settings)

    def go_on() -> list[str]:
        with transaction(database) as db:
            db.execute(update(ErasureRow).values(due_at=NOW - timedelta(seconds=1)))
        return [receipt.state for receipt in privacy.finish_erasures(database, store, settings)]

    assert go_on() == []
    with transaction(database) as db:
        call_log.close_call(db, "otklik-1.1", ended_at=NOW, outcome=Outcome.SETTLED)
    assert go_on() == ["working"]
    assert [trace.place for trace in privacy.verify_erased(database, store, ANNA, settings)] == ["asterisk"]
    assert [trace.place for trace in privacy.verify_erased(database, store, "+79030000001", settings)] == []
    look = begin_look(database, "otklik")
    end_look(database, look, {"otklik-1.1"})  # it could not be deleted
    assert go_on() == ["working"]
    end_look(database, begin_look(database, "otklik"), set())
    assert go_on() == ["done"]
    with reading(database) as db:
        (row,) = db.scalars(select(ErasureRow))
    assert (row.whom, row.left, row.requested_by) == (None, [], "olga")
