"""What people say, and what it means: a line of text a case."""

from __future__ import annotations

import pytest

from speech.recognition.word_error_rate import corpus_error_rate, word_error_rate
from speech.sentiment.lexicon import cues
from speech.slots.numbers import digits, spell_digits, written
from speech.text.language import languages, pack
from speech.text.phrases import best_match, yes_no

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("language", "said", "number"),
    [
        ("ru", "четыре один два семь", "4127"),
        ("ru", "сорок один двадцать семь", "4127"),
        ("ru", "четыре тысячи сто двадцать семь", "4127"),
        ("ru", "Мой заказ — 4127.", "4127"),
        ("ru", "41-27", "4127"),
        ("ru", "4 тысячи 127", "4127"),
        ("ru", "сорок 1 27", "4127"),
        ("ru", "ноль ноль семь", "007"),
        ("ru", "0042", "0042"),
        ("ru", "двадцать ноль пять", "2005"),
        ("ru", "двенадцать тысяч триста сорок пять", "12345"),
        ("ru", "сто двадцать три четыреста пятьдесят шесть", "123456"),
        ("ru", "у меня один вопрос по заказу четыре один э два семь", "4127"),
        ("ru", "четыре один два шесть нет четыре один два семь", "4127"),
        ("ru", "трёх", "3"),
        ("ru", "где мой заказ", None),
        ("ru", "", None),
        ("en", "forty one twenty seven", "4127"),
        ("en", "four one two seven", "4127"),
        ("en", "forty-one hundred and twenty seven", "4127"),
        ("en", "four thousand one hundred and twenty seven", "4127"),
        ("en", "4,127", "4127"),
        ("en", "double four one triple seven", "441777"),
        ("en", "four oh seven", "407"),
        ("en", "oh hello", None),
        ("en", "a hundred and five", "105"),
        ("en", "two hundred thousand", "200000"),
        ("en", "nineteen eighty four", "1984"),
    ],
)
def test_spoken_numbers(language: str, said: str, number: str | None) -> None:
    assert digits(said, language) == number


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("number", ["4127", "0", "0070", "99", "123456789"])
def test_spelled_digits_are_heard_as_the_same_number(language: str, number: str) -> None:
    assert digits(spell_digits(number, language), language) == number


def test_spelling_for_a_voice() -> None:
    assert spell_digits("41-27", "ru") == "четыре, один, два, семь"
    assert spell_digits("A4", "en") == "A, four"


def test_numbers_in_running_text() -> None:
    assert written("Нажмите один, чтобы услышать сорок два.", "ru") == "нажмите 1 чтобы услышать 42"


@pytest.mark.parametrize(
    ("language", "said", "answer"),
    [
        ("ru", "Да, конечно.", True),
        ("ru", "ну э да", True),
        ("ru", "угу", True),
        ("ru", "всё верно", True),
        ("ru", "я не против", True),
        ("ru", "нет проблем", True),
        ("ru", "нет, спасибо", False),
        ("ru", "да нет, наверное", False),
        ("ru", "не согласен", False),
        ("ru", "неправильно", False),
        ("ru", "не правильно", False),
        ("ru", "нет, всё верно", False),
        ("ru", "Спасибо, не нужно.", False),
        ("ru", "где мой заказ", None),
        ("ru", "я хотел бы узнать конечно про доставку", None),
        ("en", "Yes, please.", True),
        ("en", "that's right", True),
        ("en", "it is correct", True),
        ("en", "that is not correct", False),
        ("en", "i do not", False),
        ("en", "nothing else, thank you", False),
        ("en", "where is my order", None),
        ("ko", "네", True),
        ("ko", "아니요", False),
    ],
)
def test_yes_and_no(language: str, said: str, answer: bool | None) -> None:
    assert yes_no(said, language) is answer


RUSSIAN = {
    "order_status": ["где мой заказ", "статус заказа", "когда привезут заказ", "когда доставка"],
    "cancel": ["отменить заказ"],
    "person": list(pack("ru").person),
}
ENGLISH = {
    "order_status": ["where is my order", "order status", "when will it arrive"],
    "person": list(pack("en").person),
}


@pytest.mark.parametrize(
    ("said", "label"),
    [
        ("скажите, пожалуйста, а где там мой заказ", "order_status"),
        ("хочу узнать статус заказа", "order_status"),
        ("когда привезут", "order_status"),
        ("где мои закасы", "order_status"),
        ("отмените мой заказ", "cancel"),
        ("соедините меня с человеком", "person"),
        ("позовите аператора", "person"),
        ("не знаю", None),
        ("где", None),
        ("", None),
    ],
)
def test_russian_choices(said: str, label: str | None) -> None:
    match = best_match(said, RUSSIAN, "ru")
    assert (match[0] if match else None) == label


@pytest.mark.parametrize(
    ("said", "label"),
    [
        ("Hi, I'd like to know where my order is.", "order_status"),
        ("status of the order", "order_status"),
        ("when is it arriving", "order_status"),
        ("i want to talk to a real person", "person"),
        ("hello", None),
    ],
)
def test_english_choices(said: str, label: str | None) -> None:
    match = best_match(said, ENGLISH, "en")
    assert (match[0] if match else None) == label


@pytest.mark.parametrize("language", ["ru", "en"])
def test_every_way_to_refuse_a_recording_or_ask_for_a_person_is_understood(language: str) -> None:
    known = pack(language)
    ways = {"person": known.person, "no_recording": known.no_recording}
    for label, phrases in ways.items():
        for phrase in phrases:
            match = best_match(phrase, ways, language)
            assert match, phrase
            assert match[0] == label, phrase


@pytest.mark.parametrize(
    ("language", "said", "least", "most"),
    [
        ("ru", "это просто ужас какой-то, я жду третью неделю", -1, -0.6),
        ("ru", "заказ до сих пор не доставили", -1, -0.4),
        ("ru", "верните деньги, это обман", -1, -0.6),
        ("ru", "я не доволен", -0.6, -0.2),
        ("ru", "не плохо", 0.1, 0.5),
        ("ru", "да, хорошо, спасибо", 0.05, 0.39),
        ("ru", "спасибо большое, вы мне очень помогли", 0.5, 1),
        ("ru", "где мой заказ", 0, 0),
        ("ru", "четыре один два семь", 0, 0),
        ("en", "this is absolutely terrible", -1, -0.6),
        ("en", "I'm not happy with it", -0.6, -0.3),
        ("en", "thank you so much, that is great", 0.5, 1),
        ("en", "where is my order", 0, 0),
        ("ru", "никаких проблем", 0, 0.5),
        ("ru", "у меня нет никаких проблем", 0, 0.5),
        ("ru", "без проблем", 0, 0.5),
        ("ru", "без всяких проблем", 0, 0.5),
        ("ru", "нет проблем", 0, 0.5),
        ("ru", "проблем нет, спасибо", 0, 0.5),
        ("ru", "никакой ошибки", 0, 0.5),
        ("ru", "не было никаких задержек", 0, 0.5),
        ("ru", "нет, не пришло", -0.6, -0.2),
        ("ru", "никак не могу дозвониться", -0.6, -0.2),
        ("ru", "у меня проблема", -0.6, -0.2),
        ("en", "no problem", 0, 0.5),
        ("en", "no problems at all", 0, 0.5),
        ("en", "without any problems", 0, 0.5),
        ("en", "not bad", 0, 0.5),
        ("en", "not too bad", 0, 0.7),
        ("en", "nothing wrong", 0, 0.5),
        ("en", "I haven't any complaints", 0, 0.5),
        ("en", "no, it didn't arrive", -0.6, -0.2),
        ("en", "I have a problem", -0.6, -0.2),
        ("ko", "네", 0, 0),
    ],
)
def test_cues(language: str, said: str, least: float, most: float) -> None:
    assert least <= cues(said, language).value <= most


def test_cues_are_shown_as_they_were_said() -> None:
    assert cues("Это просто ужас, но оператор не помог", "ru").words == ("просто ужас", "не помог")


def test_word_error_rate_counts_words_not_spelling() -> None:
    assert word_error_rate("Нажмите 1, чтобы услышать всё.", "нажмите один чтобы услышать все", "ru") == 0
    assert word_error_rate("four one two seven", "4127", "en") == 0
    assert word_error_rate("where is my order", "where is the order", "en") == 0.25
    assert corpus_error_rate([("a b c d", "a b c d"), ("e f g h", "")], "en") == 0.5
    with pytest.raises(ValueError, match="no words"):
        word_error_rate("…", "hello", "en")


def test_every_language_pack_is_sound() -> None:
    assert languages() == ("en", "ko", "ru")
    for language in languages():
        known = pack(language)
        assert known.language == language
        assert len(known.numbers.spoken) == 10
        assert all(yes_no(phrase, language) is True for phrase in known.agree), language
        assert all(yes_no(phrase, language) is False for phrase in known.disagree), language


def test_unknown_language_names_the_known_ones() -> None:
    with pytest.raises(ValueError, match="'xx' is not known; known are: en, ko, ru"):
        pack("xx")
    with pytest.raises(ValueError, match="is not known"):
        pack("../ru")
