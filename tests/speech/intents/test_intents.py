"""Understanding with the real encoders: small sets in two languages, odd input, files."""

from __future__ import annotations

import random
import threading
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from speech.embeddings.embeddings import DIMENSIONS, LONGEST, Encoder, clean, embed
from speech.errors import ModelFileError
from speech.intents import leave_one_out
from speech.intents import samples as intent_samples
from speech.intents.intents import IntentModel, Sample, load, save, train
from speech.models import model_file

pytestmark = pytest.mark.models

LANGUAGES = ("ru", "en")
ODD = (
    "",
    " ",
    "…",
    "🙂🙂",
    "\0",
    "\ud800",
    "ﷺ" * 500,
    "一二三",
    "слово " * 2000,
    "word " * 2000,
    "<script>alert(1)</script>",
)


@cache
def wishes(language: str) -> tuple[tuple[Sample, ...], tuple[Sample, ...], tuple[str, ...]]:
    """Samples, samples kept back, and phrases that ask for nothing known."""
    taught, kept, outside = [], [], []
    intent = ""
    for line in (Path(__file__).parents[1] / f"wishes.{language}.txt").read_text("utf-8").splitlines():
        if line.startswith("["):
            intent = line.strip("[]")
        elif line.startswith("? ") and intent == "-":
            outside.append(line[2:])
        elif line.startswith("? "):
            kept.append(Sample(text=line[2:], intent=intent))
        elif not line.startswith("#"):
            taught.append(Sample(text=line, intent=intent))
    return tuple(taught), tuple(kept), tuple(outside)


@cache
def model(language: str) -> IntentModel:
    return train(wishes(language)[0])


def share(found: list[bool]) -> float:
    return sum(found) / len(found)


@pytest.mark.parametrize("language", LANGUAGES)
def test_phrases_that_were_kept_back_are_understood(language: str) -> None:
    _, kept, _ = wishes(language)
    found = model(language).predict_many([sample.text for sample in kept])
    wrong = [(s.text, s.intent, p.intent) for s, p in zip(kept, found, strict=True) if s.intent != p.intent]
    assert len(wrong) <= 0.1 * len(kept), wrong


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_asks_for_nothing_known_is_refused(language: str) -> None:
    _, kept, outside = wishes(language)
    found = model(language).predict_many(outside)
    accepted = [(text, p.intent) for text, p in zip(outside, found, strict=True) if p.intent is not None]
    assert len(accepted) <= 1, accepted
    inside = model(language).predict_many([sample.text for sample in kept])
    assert np.median([p.confidence for p in inside]) > 0.7
    assert max(p.confidence for p in found if p.intent is None) < 0.5


def test_confidence_is_about_how_often_it_is_right() -> None:
    _, kept, _ = wishes("en")
    found = model("en").predict_many([sample.text for sample in kept])
    right = share([p.ranked[0][0] == sample.intent for sample, p in zip(kept, found, strict=True)])
    assert abs(right - np.mean([p.confidence for p in found])) < 0.2


def test_phrases_known_to_be_outside_are_learned() -> None:
    samples, kept, _ = wishes("en")
    question = "do you sell gift cards"
    taught = train(samples, outside=["gift cards", "I want to buy a gift card", "are there gift cards in the shop"])
    assert taught.predict(question).intent is None
    assert taught.predict(question).confidence < model("en").predict(question).confidence
    found = taught.predict_many([sample.text for sample in kept])
    assert share([p.intent == s.intent for s, p in zip(kept, found, strict=True)]) >= 0.9


def test_an_everyday_phrase_that_is_taught_is_an_intent() -> None:
    jokes = ["tell me a joke", "say something funny", "do you know any jokes", "make me laugh"]
    weather = ["what is the weather like", "will it rain tomorrow", "is it cold outside", "how hot is it today"]
    small = train(
        [Sample(text=text, intent="joke") for text in jokes] + [Sample(text=text, intent="weather") for text in weather]
    )
    assert small.predict("tell me another joke").intent == "joke"
    assert small.predict("is it going to rain today").intent == "weather"
    assert small.predict("where can I park my car").intent is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_samples_make_the_same_model(language: str) -> None:
    samples = list(wishes(language)[0])
    mixed = [*samples, *samples[:20]]
    random.Random(1).shuffle(mixed)
    again = train(mixed)
    assert again.version == model(language).version
    said = [sample.text for sample in wishes(language)[1]]
    assert again.predict_many(said) == model(language).predict_many(said)
    assert train(samples[1:]).version != again.version


def test_one_phrase_or_many_together_makes_no_difference() -> None:
    said = [sample.text for sample in wishes("en")[1]]
    for alone, together in zip(map(model("en").predict, said), model("en").predict_many(said), strict=True):
        assert alone.intent == together.intent
        assert alone.confidence == pytest.approx(together.confidence, abs=1e-3)
    assert model("en").predict_many([]) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_odd_input_is_answered(language: str, text: str) -> None:
    found = model(language).predict(text)
    assert 0 <= found.confidence <= 1
    assert [intent for intent, _ in found.ranked] == sorted(
        model(language).intents, key=[intent for intent, _ in found.ranked].index
    )
    assert len(model(language).predict_all(text)) >= 1
    if not any(char.isalnum() for char in text):
        assert found.intent is None


def test_probabilities_are_ranked_and_leave_room_for_none() -> None:
    for text in ("where is my order", "what is the meaning of life"):
        shares = [probability for _, probability in model("en").predict(text).ranked]
        assert shares == sorted(shares, reverse=True)
        assert 0 < sum(shares) <= 1.001


@pytest.mark.parametrize("each", [1, 2])
def test_one_or_two_samples_an_intent_are_enough_to_be_useful(each: int) -> None:
    samples, kept, outside = wishes("en")
    few = [
        s for intent in sorted({s.intent for s in samples}) for s in [s for s in samples if s.intent == intent][:each]
    ]
    small = train(few)
    found = small.predict_many([sample.text for sample in kept])
    assert share([p.ranked[0][0] == s.intent for s, p in zip(kept, found, strict=True)]) >= 0.7
    assert share([p.intent is None for p in small.predict_many(outside)]) >= 0.8


def test_a_large_intent_does_not_swallow_a_small_one() -> None:
    samples, kept, _ = wishes("en")
    large = [s for s in samples if s.intent == "order_status"]
    more = [
        Sample(text=f"{s.text} {tail}", intent=s.intent) for s in large for tail in ("please", "now", "sir", "then")
    ]
    small = [s for s in samples if s.intent == "working_hours"][:3]
    uneven = train([*large, *more, *small])
    wanted = [s for s in kept if s.intent in {"order_status", "working_hours"}]
    found = uneven.predict_many([s.text for s in wanted])
    assert share([p.ranked[0][0] == s.intent for s, p in zip(wanted, found, strict=True)]) >= 0.85


def test_large_sets_are_calibrated_on_a_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leave_one_out, "PROBES", 25)  # two intents of eight and a bit
    samples, kept, outside = wishes("en")
    taught = train(samples)
    found = taught.predict_many([sample.text for sample in kept])
    assert share([p.intent == s.intent for s, p in zip(kept, found, strict=True)]) >= 0.85
    assert share([p.intent is None for p in taught.predict_many(outside)]) >= 0.8
    monkeypatch.setattr(leave_one_out, "PROBES", 5)  # not even one
    assert train(samples).predict("where is my order").intent == "order_status"


def test_of_too_many_samples_small_intents_keep_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intent_samples, "LARGEST", 40)
    large = [Sample(text=f"where is order {number}", intent="order") for number in range(100)]
    small = [Sample(text=text, intent="pay") for text in ("can I pay by card", "I want to pay cash")]
    kept = intent_samples.distinct([*large, *small])
    assert len(kept) <= 40
    assert len(kept) > 30
    assert [sample.intent for sample in kept].count("pay") == 2
    assert intent_samples.distinct([*small, *reversed(large)]) == kept


@pytest.mark.parametrize("samples", [[], [Sample(text="one", intent="a")], [Sample(text="🙂", intent=i) for i in "ab"]])
def test_fewer_than_two_intents_are_refused(samples: list[Sample]) -> None:
    with pytest.raises(ValueError, match="at least two intents"):
        train(samples)


@pytest.mark.parametrize(
    "names", [("intent_1", "intent_2"), ("а", "б"), ("HTTPRefund", "orderStatus"), ("🙂", "x" * 900)]
)
def test_intents_may_be_called_anything(names: tuple[str, str]) -> None:
    first = [Sample(text=s.text, intent=names[0]) for s in wishes("en")[0] if s.intent == "payment"]
    second = [Sample(text=s.text, intent=names[1]) for s in wishes("en")[0] if s.intent == "broken"]
    pair = train([*first, *second])
    assert pair.predict("the kettle is broken").intent == names[1]
    assert pair.predict("can I pay with a card").intent == names[0]


@pytest.mark.parametrize(
    ("language", "text", "wanted"),
    [
        ("ru", "где мой заказ и ещё хочу записаться на стрижку", ("order_status", "book_visit")),
        ("ru", "отмените мою запись, а потом подскажите до скольки вы работаете", ("cancel_visit", "working_hours")),
        ("en", "what's my order status and can I book a haircut", ("order_status", "book_visit")),
        ("en", "The kettle won't turn on. I want my money back.", ("broken", "return_goods")),
        ("ru", "где мой заказ", ("order_status",)),
        ("ru", "запишите меня на стрижку и укладку", ("book_visit",)),
        ("en", "can I book a haircut and a shave", ("book_visit",)),
        ("en", "good morning, where is my parcel", ("order_status",)),
        ("en", "what is the capital of france and who painted the mona lisa", (None,)),
    ],
)
def test_several_wishes_in_one_phrase(language: str, text: str, wanted: tuple[str | None, ...]) -> None:
    assert tuple(found.intent for found in model(language).predict_all(text)) == wanted


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_model_comes_back_from_its_file_as_it_was(language: str, tmp_path: Path) -> None:
    path = tmp_path / "model"
    save(model(language), path)
    again = load(path)
    said = [*(sample.text for sample in wishes(language)[1]), *ODD]
    assert again.predict_many(said) == model(language).predict_many(said)
    assert (again.version, again.intents) == (model(language).version, model(language).intents)
    assert [file.name for file in tmp_path.iterdir()] == ["model"]


def test_a_damaged_or_foreign_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model"
    save(model("en"), path)
    whole = path.read_bytes()
    damaged = [
        b"",
        b"{}",
        b"PK\x03\x04",
        whole[: len(whole) // 2],
        whole[: len(whole) // 3] + whole[len(whole) // 3 + 99 :],
    ]
    damaged.append(whole[:2000] + bytes(200) + whole[2200:])
    for content in damaged:
        path.write_bytes(content)
        with pytest.raises(ModelFileError, match="otklik intents train"):
            load(path)
    with pytest.raises(ModelFileError, match="no such file"):
        load(tmp_path / "none")
    with pytest.raises(ModelFileError):
        load(tmp_path)
    np.save(tmp_path / "array.npy", np.zeros(3))
    with pytest.raises(ModelFileError):
        load(tmp_path / "array.npy")


def test_a_file_of_a_newer_program_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as newer:
        newer.setattr(model_file, "FORMAT", model_file.FORMAT + 1)
        save(model("en"), tmp_path / "model")
    with pytest.raises(ModelFileError, match="update this program"):
        load(tmp_path / "model")


def test_a_file_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    save(model("en"), tmp_path / "model")
    with pytest.raises(OSError, match=r"."):
        save(model("ru"), tmp_path / "missing" / "model")
    assert load(tmp_path / "model").version == model("en").version


def test_threads_get_the_same_answers() -> None:
    said = [sample.text for sample in wishes("en")[1]]
    wanted = [model("en").predict(text) for text in said]
    found: list[bool] = []

    def ask(order: int) -> None:
        mixed = random.Random(order).sample(range(len(said)), len(said))
        found.append(all(model("en").predict(said[at]) == wanted[at] for at in mixed))

    threads = [threading.Thread(target=ask, args=(order,)) for order in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 6


def test_progress_is_told() -> None:
    told: list[tuple[int, int]] = []
    train(
        [Sample(text=f"sample {word} of progress", intent=word) for word in ("alpha", "beta", "gamma")],
        progress=lambda done, total: told.append((done, total)),
    )
    assert told
    assert told[-1][0] == told[-1][1]


@pytest.mark.parametrize("encoder", ["multilingual", "english"])
def test_vectors_have_length_one_and_mean_something(encoder: Encoder) -> None:
    vectors = embed(["where is my parcel", "has the package arrived", "the cat sleeps", "where is my parcel"], encoder)
    assert vectors.shape == (4, DIMENSIONS)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(4), abs=1e-4)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2]
    assert np.array_equal(vectors[0], vectors[3])
    assert embed([], encoder).shape == (0, DIMENSIONS)


def test_a_language_is_understood_through_another() -> None:
    english, russian, other = embed(["where is my order", "где мой заказ", "какая завтра погода"])
    assert english @ russian > english @ other


def test_a_long_text_is_read_from_its_start_and_end() -> None:
    assert len(clean("слово " * 2000)) <= LONGEST + 1
    assert clean(f"начало {'середина ' * 500} конец").endswith("конец")
    assert clean(" a\n\tb\0 ") == "a b"
