"""What people read of recognised words: marks, capitals and digits, each with the sound it stands for."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from speech.display.display import displayed
from speech.display.punctuation import punctuated
from speech.recognition.words import Speaker, Utterance, Word

pytestmark = pytest.mark.unit

LINES = Path(__file__).parents[1]


def words(text: str, *, step: float = 0.4) -> tuple[Word, ...]:
    """As Vosk gives them; ``|`` is a pause of a second."""
    found, at = [], 0.0
    for word in text.split():
        if word == "|":
            at += 1.0
            continue
        found.append(Word(text=word, start=at, end=at + step * 0.9, confidence=0.9))
        at += step
    return tuple(found)


def said(text: str) -> Utterance:
    heard = words(text)
    spoken = " ".join(word.text for word in heard)
    return Utterance(speaker=Speaker.CALLER, start=0, end=heard[-1].end, text=spoken, words=heard)


@pytest.mark.parametrize("language", ["ru", "en"])
def test_marks_are_restored_well_enough_to_read(language: str) -> None:
    lines = (LINES / f"punctuation.{language}.txt").read_text("utf-8").splitlines()
    hits = extra = missed = right_ends = 0
    for line in lines:
        wanted = line.split()
        got = punctuated(words(" ".join(word.strip(".,?!").lower() for word in wanted)), language)
        right_ends += got[-1][-1] == wanted[-1][-1]
        for one, other in zip(wanted[:-1], got[:-1], strict=True):
            hits += one[-1] in ",." and other[-1] in ",."
            extra += one[-1] not in ",." and other[-1] in ",."
            missed += one[-1] in ",." and other[-1] not in ",."
    assert len(lines) >= 40
    assert hits / (hits + extra) >= 0.85  # a comma that is wrong disturbs more than one that is missing
    assert hits / (hits + missed) >= 0.75
    assert right_ends / len(lines) >= 0.85


@pytest.mark.parametrize(
    ("language", "heard", "shown"),
    [
        ("ru", "заказ четыре один два восемь на двадцать пятое ноября", "Заказ 4128 на 25 ноября."),
        ("ru", "да это стоит тысяча девятьсот девяносто рублей", "Да, это стоит 1990 рублей."),
        ("ru", "меня зовут анна | когда придёт курьер", "Меня зовут Анна. Когда придёт курьер?"),
        ("ru", "я приеду в | среду", "Я приеду в среду."),
        ("ru", "мой телефон [телефон] запишите", "Мой телефон [телефон] запишите."),
        ("en", "my order is four one two eight", "My order is 4128."),
        ("en", "i'm free on monday | can you call me", "I'm free on Monday. Can you call me?"),
        ("ru", "В 15:30, пожалуйста.", "В 15:30, пожалуйста."),
        ("ko", "네 아니요", "네 아니요"),
    ],
)
def test_shown_text(language: str, heard: str, shown: str) -> None:
    assert displayed(said(heard), language).text == shown


def test_a_number_has_the_sound_of_all_its_words() -> None:
    shown = displayed(said("стоит тысяча девятьсот девяносто рублей"), "ru")
    price = next(word for word in shown.words if word.text.startswith("1990"))
    assert (price.start, price.end) == pytest.approx((0.4, 1.56))
    assert [word.text for word in shown.words] == ["Стоит", "1990", "рублей."]


def test_every_heard_second_stays_under_some_word() -> None:
    utterance = said(
        "ну запишите мой номер восемь девятьсот шестнадцать сто двадцать три сорок пять шестьдесят семь да"
    )
    shown = displayed(utterance, "ru").words
    assert shown[0].start == utterance.words[0].start
    assert shown[-1].end == utterance.words[-1].end
    assert all(one.end <= other.start for one, other in pairwise(shown))


def test_an_utterance_without_word_times_is_only_written() -> None:
    bare = Utterance(speaker=Speaker.AGENT, start=0, end=2, text="это пятнадцать процентов")
    assert displayed(bare, "ru").text == "это 15%"


def test_an_hour_in_one_utterance_and_no_known_word() -> None:
    assert len(displayed(said(" ".join(["фыва"] * 9000)), "ru").words) == 9000
