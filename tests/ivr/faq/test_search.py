"""Whether a question finds its article: lines of questions worded differently from the articles.

Reached on 150 questions a language and 74 that no article answers: Russian 95 % right and 95 % refused, English 93 and
92 %. On the last part, after which nothing was changed (30 and 20 lines): 100 and 100 %, 93 and 90 %.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ivr.faq.search import Knowledge, outside
from speech.text.tokens import tokens

pytestmark = pytest.mark.models

HELD_BACK = "# -- held back again"


@pytest.fixture(scope="module")
def shop() -> Knowledge:
    return Knowledge.load(Path(__file__).parents[3] / "ivr" / "knowledge")


def found(knowledge: Knowledge, text: str, language: str) -> str:
    answer = knowledge.search(text, language)
    return answer.article.name if answer else "-"


def lines(language: str, *, held_back: bool) -> list[tuple[str, str]]:
    """(article or ``-``, question)."""
    source = (Path(__file__).parents[1] / f"knowledge.{language}.txt").read_text("utf-8")
    if held_back:
        source = source[source.index(HELD_BACK) :]
    pairs = [line.split(" | ") for line in source.splitlines() if line and not line.startswith("#")]
    return [(article, question) for article, question in pairs]


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("held_back", [False, True], ids=["all", "held back"])
def test_questions_find_their_articles_and_others_are_refused(shop: Knowledge, language: str, held_back: bool) -> None:
    marked = lines(language, held_back=held_back)
    ours = [(article, question) for article, question in marked if article != "-"]
    others = [question for article, question in marked if article == "-"]
    assert len(ours) >= (30 if held_back else 60)
    wrong = [question for article, question in ours if found(shop, question, language) != article]
    taken = [question for question in others if found(shop, question, language) != "-"]
    assert len(wrong) <= 0.1 * len(ours), wrong
    assert len(taken) <= 0.1 * len(others), taken


@pytest.mark.parametrize("language", ["ru", "en"])
def test_marked_questions_do_not_stand_in_the_articles(shop: Knowledge, language: str) -> None:
    known = [*outside(language), *(way for article in shop.articles[language] for way in article.questions)]
    asked = {tuple(tokens(question)) for _, question in lines(language, held_back=False)}
    assert not asked & {tuple(tokens(way)) for way in known} - {()}


@pytest.mark.parametrize("language", ["ru", "en"])
def test_a_follow_up_offers_another_article(shop: Knowledge, language: str) -> None:
    """So that "yes" to it can be answered by searching for it."""
    offers = [article for article in shop.articles[language] if article.follow_up]
    assert offers
    for article in offers:
        assert found(shop, article.follow_up, language) not in {"-", article.name}, article.follow_up


def test_a_greeting_does_not_hide_the_question(shop: Knowledge) -> None:
    text = "Добрый день! Меня зовут Мария, заказывала у вас в прошлом году. Сколько стоит доставка? Спасибо!"
    assert found(shop, text, "ru") == "delivery_price"


@pytest.mark.parametrize("text", ["", "   ", "🌼" * 500, "?!", "\x00\ud800", "слово " * 2000, "мне " * 3, "<script>"])
def test_odd_questions_find_nothing_and_break_nothing(shop: Knowledge, text: str) -> None:
    assert shop.search(text, "ru") is None


def test_a_language_without_articles(shop: Knowledge) -> None:
    assert shop.search("영업 시간이 어떻게 되나요", "ko") is None
    shop.prepare("ko")


def test_one_article_is_enough(tmp_path: Path) -> None:
    folder = tmp_path / "en"
    folder.mkdir()
    (folder / "tuning.md").write_text(
        "---\nquestions: [Who tunes pianos, Can you tune my piano, My piano is out of tune]\n---\n"
        "# Piano tuning\n\nWe tune pianos at your home.\n"
    )
    knowledge = Knowledge.load(tmp_path)
    assert found(knowledge, "my grand piano needs tuning", "en") == "tuning"
    assert found(knowledge, "what is the weather tomorrow", "en") == "-"
    assert found(knowledge, "where is my order", "en") == "-"


def test_many_ask_at_once(shop: Knowledge) -> None:
    fresh = Knowledge(articles=shop.articles)
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: found(fresh, "до скольки вы работаете", "ru"), range(16)))
    assert answers == ["opening_hours"] * 16


def test_vectors_are_made_once_an_installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTKLIK_HOME", str(tmp_path))
    folder = tmp_path / "articles"
    (folder / "en").mkdir(parents=True)
    questions = "- when are you open\n- opening hours\n- are you open on sunday\n"
    text = f"---\nquestions:\n{questions}---\n# Hours\n\nWe are open every day.\n"
    (folder / "en" / "hours.md").write_text(text)
    first = Knowledge.load(folder).search("what are your hours", "en")
    (kept,) = (tmp_path / "models" / "knowledge").iterdir()
    made = kept.stat().st_mtime_ns
    again = Knowledge.load(folder).search("what are your hours", "en")
    assert first is not None
    assert again is not None
    assert (again.score, kept.stat().st_mtime_ns) == (first.score, made)
    kept.write_bytes(b"damaged")
    repaired = Knowledge.load(folder).search("what are your hours", "en")
    assert repaired is not None
    assert repaired.score == first.score
