from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from recordings.calls.call_log import close_call, note_turn, open_call, refuse_recording
from recordings.contacts.call import Call, Outcome, Turn
from recordings.database import transaction
from recordings.learning import samples
from recordings.learning.samples import Reason, SampleState
from speech.recognition.words import Speaker

pytestmark = pytest.mark.services

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def hold(
    db: Session, name: str, *said: tuple[str, str], outcome: Outcome = Outcome.SETTLED, language: str = "ru"
) -> None:
    """A call that has ended: what the caller said and what the robot took it for."""
    call = Call(
        id=name,
        started_at=datetime.now(UTC),
        caller_number="",
        extension="1000",
        language=language,
        scenario="support",
        scenario_version="1",
        engine="whisper",
    )
    open_call(db, call)
    for number, (text, intent) in enumerate(said, 1):
        at = float(number)
        turn = Turn(
            number=number,
            speaker=Speaker.CALLER,
            node="ask",
            start=at,
            end=at + 1,
            text=text,
            intent=intent,
            engine="w",
        )
        note_turn(db, name, turn)
    close_call(db, name, ended_at=datetime.now(UTC), outcome=outcome)


def waiting(db: Session, language: str = "ru") -> dict[str, Reason]:
    return {phrase.text: phrase.reason for phrase in samples.candidates(db, language)}


def test_what_was_not_understood_and_what_led_to_a_person_become_candidates(database: Engine) -> None:
    with transaction(database) as db:
        hold(db, "a", ("где мой заказ", "order_status"), ("куда пропал ваш курьер", "unclear"))
        hold(
            db,
            "b",
            ("у меня торшер не горит", "other"),
            ("позовите человека", "person"),
            outcome=Outcome.HANDED_OVER,
        )
        assert samples.gather(db, "ru", since=LONG_AGO) == 2
        assert waiting(db) == {
            "куда пропал ваш курьер": Reason.UNCLEAR,
            "у меня торшер не горит": Reason.HANDED_OVER,
        }


def test_gathering_again_finds_nothing_new_and_another_call_counts(database: Engine) -> None:
    with transaction(database) as db:
        hold(db, "a", ("куда пропал ваш курьер", "unclear"))
        samples.gather(db, "ru", since=LONG_AGO)
        assert samples.gather(db, "ru", since=LONG_AGO) == 0
        hold(db, "b", ("куда пропал ваш курьер", "unclear"))
        samples.gather(db, "ru", since=LONG_AGO)
        assert [phrase.times for phrase in samples.candidates(db, "ru")] == [2]


@pytest.mark.parametrize("text", ["четыре", "4127", "89161234567 4127", "да", "a " * 400])
def test_numbers_and_single_words_are_no_candidates(database: Engine, text: str) -> None:
    with transaction(database) as db:
        hold(db, "a", (text, "unclear"))
        assert samples.gather(db, "ru", since=LONG_AGO) == 0


def test_nothing_is_learned_from_who_refused_nor_from_another_language_nor_from_before(database: Engine) -> None:
    with transaction(database) as db:
        hold(db, "a", ("куда пропал ваш курьер", "unclear"))
        refuse_recording(db, "a")
        hold(db, "b", ("where did he go", "unclear"), language="en")
        assert samples.gather(db, "ru", since=LONG_AGO) == 0
        assert samples.gather(db, "en", since=datetime.now(UTC) + timedelta(hours=1)) == 0


def test_a_label_stays_and_decides_once_and_for_all_whether_the_phrase_is_trained_on(database: Engine) -> None:
    with transaction(database) as db:
        hold(db, "a", ("куда пропал ваш курьер", "unclear"))
        samples.gather(db, "ru", since=LONG_AGO)
        (phrase,) = samples.candidates(db, "ru")
        (found,) = samples.find_samples(db, phrase.id[:6])
        first = samples.label(db, found.id, "order_status", by="olga")
        again = samples.label(db, found.id, None, by="olga")
        assert (first.state, first.intent, again.intent) == (SampleState.LABELLED, "order_status", None)
        assert first.held_back == again.held_back == samples.is_held_back(phrase.text)
        assert not samples.candidates(db, "ru")
        samples.gather(db, "ru", since=LONG_AGO)
        assert not samples.candidates(db, "ru")


def test_a_quarter_is_held_back() -> None:
    share = sum(samples.is_held_back(f"фраза номер {number}") for number in range(2000)) / 2000
    assert 0.2 < share < 0.3


def test_examples_of_a_scenario_are_replaced_and_peoples_labels_stay(database: Engine) -> None:
    with transaction(database) as db:
        hold(db, "a", ("куда пропал ваш курьер", "unclear"))
        samples.gather(db, "ru", since=LONG_AGO)
        (phrase,) = samples.candidates(db, "ru")
        samples.label(db, phrase.id, "order_status", by="olga")
        samples.keep_examples(db, "ru", {"где заказ": "order_status", "хочу букет": "product"})
        samples.keep_examples(db, "ru", {"где заказ": "order_status", "во сколько вы открываетесь": "faq"})
        assert samples.intents(db, "ru") == ["faq", "order_status"]
        assert {sample.text for sample in samples.labelled(db, "ru")} == {
            "где заказ",
            "во сколько вы открываетесь",
            "куда пропал ваш курьер",
        }
        assert samples.find_samples(db, "") == samples.find_samples(db, phrase.id)  # examples are not to be relabelled


def test_promoting_takes_up_exactly_what_the_model_learned_and_retires_the_one_before(database: Engine) -> None:
    with transaction(database) as db:
        hold(db, "a", ("куда пропал ваш курьер", "unclear"), ("мне бы розочек подешевле", "unclear"))
        samples.gather(db, "ru", since=LONG_AGO)
        first, second = samples.candidates(db, "ru")
        for phrase in (first, second):
            samples.label(db, phrase.id, "x", by="olga")
        for version, ids in (("one", [first.id, second.id]), ("two", [second.id])):
            card = samples.keep_model(db, version=version, language="ru", figures={})
            samples.promote(db, card, ids, by="olga")
        assert [sample.id for sample in samples.labelled(db, "ru") if sample.in_use] == [second.id]
        assert {card.version: card.state.value for card in samples.models(db, "ru")} == {
            "one": "retired",
            "two": "running",
        }
