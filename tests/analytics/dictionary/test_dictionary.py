"""Keywords by marked lines: ``верните мне {деньги|возврат денег}`` — what has to be found, and under which label."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from analytics.dictionary import DictionaryError, LexiconUtterance, RuleSet, check, load_rule_set
from analytics.settings import AnalyticsSettings
from speech.text.tokens import tokens

pytestmark = pytest.mark.unit

FOLDER = AnalyticsSettings().dictionaries_dir
MARK = re.compile(r"{([^|}]+)\|([^}]+)}")


@pytest.fixture(scope="module")
def rule_set() -> RuleSet:
    return load_rule_set(FOLDER)


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("ru", "{здравствуйте|приветствие} {где мой заказ|где заказ}"),
        ("ru", "{верните мне мои деньги|возврат денег} пожалуйста"),
        ("ru", "я хочу {оформить возврат|возврат денег} и {отменить второй заказ|отмена}"),
        ("ru", "я {уже два раза звонила|повторное обращение} вам и всё без толку"),
        ("ru", "это просто {безобразие|жалоба}"),
        ("ru", "претензий нет и нет претензий"),
        ("ru", "{соедините меня с живым человеком|оператор}"),
        ("ru", "{больше никогда не буду заказывать|уход к другим} у вас"),
        ("ru", "деньги лежат дома а вернусь я завтра"),
        ("en", "{hello|greeting} {where is my order|where is the order} please"),
        ("en", "I want a {refund|refund} and my {money back|refund}"),
        ("en", "I don't want to cancel"),
        ("en", "this is {ridiculous|complaint} I {called you twice|repeated contact}"),
        ("en", "can I {talk to a real person|person}"),
        ("en", "it arrived {damaged|defect}"),
    ],
)
def test_marked_lines(rule_set: RuleSet, language: str, line: str) -> None:
    assert marked(rule_set, language, line)


def marked(rule_set: RuleSet, language: str, line: str) -> bool:
    """Whether exactly what is marked is found."""
    said = tokens(MARK.sub(r"\1", line))
    lexicon = rule_set.lexicon(language)
    assert lexicon
    found = {
        (" ".join(said[hit.first : hit.last + 1]), hit.label) for hit in lexicon.find([LexiconUtterance(words=said)])
    }
    wanted = {(" ".join(tokens(quote)), label) for quote, label in MARK.findall(line)}
    assert found == wanted
    return True


def test_dictionaries_that_come_with_it_are_in_order() -> None:
    assert check(FOLDER) == []


def test_version_follows_every_change(tmp_path: Path) -> None:
    file = tmp_path / "en" / "shop.yaml"
    file.parent.mkdir()
    file.write_text("keywords:\n  - {label: refund, phrases: [refund]}\n")
    first = load_rule_set(tmp_path).version
    assert load_rule_set(tmp_path).version == first
    file.write_text("keywords:\n  - {label: refund, phrases: [refund, money back]}\n")
    assert load_rule_set(tmp_path).version != first


@pytest.mark.parametrize(
    ("content", "line", "text"),
    [
        ("", 1, "empty"),
        ("keywords: [", 1, "not YAML"),
        ("keywords: []\n", 1, "at least 1 item"),
        ("keywords:\n  - label: refund\n", 2, "phrases"),
        ("keywords:\n  - label: refund\n    phrases: [refund]\n    words: [x]\n", 4, "words"),
        ("keywords:\n  - label: refund\n    speaker: boss\n    phrases: [refund]\n", 3, "speaker"),
        ("keywords:\n  - label: a\n    phrases:\n      - refund\n      - '?!'\n", 5, "no word"),
        ("keywords:\n  - {label: a, phrases: [refund]}\n  - {label: b, phrases: [refunds]}\n", 3, "'a' already"),
    ],
)
def test_problems_are_named_by_file_and_line(tmp_path: Path, content: str, line: int, text: str) -> None:
    file = tmp_path / "en" / "shop.yaml"
    file.parent.mkdir()
    file.write_text(content)
    (problem,) = check(tmp_path)
    assert (problem.file, problem.line) == (str(file), line)
    assert text in problem.text
    with pytest.raises(DictionaryError, match=rf"shop\.yaml:{line}: "):
        load_rule_set(tmp_path)


def test_folder_without_dictionaries_is_a_problem(tmp_path: Path) -> None:
    assert "no dictionary" in str(check(tmp_path)[0])
