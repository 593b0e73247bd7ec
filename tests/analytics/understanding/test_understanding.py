"""What is made of a whole call, with the seconds that prove it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import Engine

from analytics.understanding import understanding
from analytics.understanding.reason import MOST_PARTS
from analytics.understanding.understanding import Models, models, understand, version
from recordings.database import transaction
from recordings.learning import samples
from recordings.results.meaning import CallMeaning
from speech.intents.intents import IntentModel, Prediction, Sample, train
from speech.recognition.words import Transcript
from tests.analytics.talks import ENGLISH, RUSSIAN, talk

pytestmark = pytest.mark.services

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
SAMPLES = {
    "ru": {
        "order_status": ["где мой заказ", "когда привезут заказ", "статус заказа", "заказ не пришёл", "где курьер"],
        "hours": ["до скольки вы работаете", "вы открыты в воскресенье", "часы работы", "когда вы закрываетесь"],
        "refund": ["верните деньги", "хочу вернуть товар", "возврат денег", "оформить возврат"],
    },
    "en": {
        "order_status": ["where is my order", "when will my order arrive", "order status", "my order has not come"],
        "hours": ["when are you open", "opening hours", "are you open on sunday", "what time do you close"],
        "refund": ["i want my money back", "i would like to return it", "refund please", "get a refund"],
    },
}


@pytest.fixture(scope="module")
def trained() -> dict[str, IntentModel]:
    return {
        language: train([Sample(text=text, intent=intent) for intent, texts in intents.items() for text in texts])
        for language, intents in SAMPLES.items()
    }


def by(trained: dict[str, IntentModel], language: str) -> Models:
    return Models(language=language, samples=trained[language].version, intents=trained[language])


@pytest.mark.parametrize(("language", "text"), [("ru", RUSSIAN), ("en", ENGLISH)])
def test_a_call_is_understood_with_its_proofs(language: str, text: str, trained: dict[str, IntentModel]) -> None:
    meaning = understand(talk(text, language=language), now=NOW, models=by(trained, language))
    assert meaning.reason == "order_status"
    assert meaning.reason_evidence is not None
    assert meaning.reason_evidence.start == 6.0
    assert meaning.outcome == "promised"
    (promise,) = meaning.promises
    assert (promise.kind, promise.speaker, promise.due) == ("delivery", "agent", "2026-11-25T12:00")
    assert meaning.outcome_evidence == promise.evidence
    assert {(one.kind, one.evidence.start) for one in meaning.entities} >= {("order", 12.0), ("money", 21.0)}
    assert [line.start for line in meaning.summary] == [6.0, 12.0, 21.0, 24.0]
    assert len(meaning.sentiments) == 10
    assert [at for at, value in enumerate(meaning.sentiments) if value is None] == [0, 3, 5]
    assert CallMeaning.from_json(meaning.to_json()) == meaning


def test_an_early_wish_outweighs_a_later_one(trained: dict[str, IntentModel]) -> None:
    text = "c: верните деньги\na: да\nc: понятно спасибо большое\na: да\nc: а до скольки вы работаете"
    assert understand(talk(text), now=NOW, models=by(trained, "ru")).reason == "refund"


def test_a_reason_nobody_knows_is_proved_but_not_named(trained: dict[str, IntentModel]) -> None:
    text = "r: Чем помочь?\nc: добрый день\nc: хочу установить кондиционер на балконе в старом доме\na: минуту"
    meaning = understand(talk(text), now=NOW, models=by(trained, "ru"))
    assert meaning.reason == ""
    assert meaning.reason_evidence is not None
    assert meaning.reason_evidence.start == 6.0


@pytest.mark.parametrize(
    ("language", "text", "wanted"),
    [
        ("ru", "c: где заказ\na: у курьера\nc: спасибо вы очень помогли", "resolved"),
        ("ru", "c: где заказ\na: перезвоним вам завтра\nc: хорошо спасибо", "promised"),
        ("ru", "c: где заказ\na: перезвоним вам завтра\nc: спасибо вопрос решён", "resolved"),
        ("ru", "c: где заказ\na: перезвоним вам завтра\nc: вы мне не помогли буду жаловаться", "unresolved"),
        ("ru", "c: верните деньги\na: к сожалению ничем не могу помочь\nc: понятно спасибо", "unresolved"),
        ("ru", "c: где заказ\na: у курьера", "unclear"),
        ("ru", "c: вы перезвоните\na: мы не перезваниваем", "unclear"),
        ("en", "c: where is it\na: on its way\nc: thank you for your help", "resolved"),
        ("en", "c: where is it\na: we'll call you back tomorrow\nc: okay thank you", "promised"),
        ("en", "c: where is it\na: we'll call you back tomorrow\nc: this is useless", "unresolved"),
        ("en", "c: where is it\na: i'm sorry there is nothing i can do\nc: okay thank you", "unresolved"),
        ("en", "c: where is it\na: on its way", "unclear"),
    ],
)
def test_how_it_ended(language: str, text: str, wanted: str) -> None:
    meaning = understand(talk(text, language=language), now=NOW)
    assert meaning.outcome == wanted
    assert (meaning.outcome_evidence is None) == (wanted == "unclear")


def test_without_a_model_there_is_no_reason_and_all_the_rest() -> None:
    meaning = understand(talk(RUSSIAN), now=NOW)
    assert (meaning.reason, meaning.reason_confidence) == ("", 0.0)
    assert meaning.promises
    assert meaning.version == version("ru")


def test_no_words_mean_nothing() -> None:
    empty = Transcript(language="ru", engine="test", duration=5, utterances=())
    assert understand(empty, now=NOW) == CallMeaning(version=version("ru"))
    robot = understand(talk("r: Здравствуйте! Мы перезвоним вам завтра."), now=NOW)
    assert robot == CallMeaning(version=version("ru"), sentiments=(None,))


def test_another_language_than_the_models_is_no_fault(trained: dict[str, IntentModel]) -> None:
    meaning = understand(
        talk("c: wo ist meine bestellung bitte\na: morgen", language="de"), now=NOW, models=by(trained, "ru")
    )
    assert (meaning.reason, meaning.outcome, meaning.promises, meaning.entities) == ("", "", (), ())
    assert meaning.version == version("de") != version("ru")


def test_speakers_nobody_told_apart_still_have_a_reason(trained: dict[str, IntentModel]) -> None:
    text = RUSSIAN.replace("c: ", "u: ").replace("a: ", "u: ").replace("r: ", "u: ")
    assert understand(talk(text), now=NOW, models=by(trained, "ru")).reason == "order_status"


def test_of_four_hours_of_talk_only_the_first_words_are_put_to_the_model(trained: dict[str, IntentModel]) -> None:
    asked: list[str] = []

    class Watched:
        def predict_many(self, texts: Sequence[str]) -> list[Prediction]:
            asked.extend(texts)
            return trained["ru"].predict_many(texts)

    lines = [f"{'ac'[at % 2]}: слова {at % 20} и ещё слова " * 2 for at in range(2400)]
    watched = Models(language="ru", intents=cast(IntentModel, Watched()))
    meaning = understand(talk("\n".join(lines)), now=NOW, models=watched)
    assert len(asked) <= MOST_PARTS
    assert len(meaning.sentiments) == 2400
    assert 3 <= len(meaning.summary) <= 5


def test_models_are_learned_once_from_the_samples_in_use(database: Engine, tmp_path: Path) -> None:
    assert models(database, "ru", folder=tmp_path) == Models(language="ru")
    examples = {text: intent for intent, texts in SAMPLES["ru"].items() for text in texts}
    with transaction(database) as db:
        samples.keep_examples(db, "ru", examples | {"какая сегодня погода": None})
    first = models(database, "ru", folder=tmp_path)
    assert first.intents is not None
    assert first.intents.predict("где же мой заказ").intent == "order_status"
    assert models(database, "ru", folder=tmp_path).intents is first.intents
    (file,) = tmp_path.glob("*.intents")
    with transaction(database) as db:
        samples.keep_examples(db, "ru", examples | {"не пришёл букет": "order_status"})
    second = models(database, "ru", folder=tmp_path)
    assert second.version != first.version
    file.write_bytes(b"broken")
    with transaction(database) as db:
        samples.keep_examples(db, "ru", examples | {"какая сегодня погода": None})
    understanding._learned.cache_clear()
    assert models(database, "ru", folder=tmp_path).version == first.version
