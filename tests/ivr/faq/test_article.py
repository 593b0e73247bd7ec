"""Articles: what is read from them, and what is refused before a caller hears it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.errors import KnowledgeError
from ivr.faq.search import Knowledge
from ivr.settings import RobotSettings

pytestmark = pytest.mark.unit

GOOD = """---
questions:
  - Where are you?
  - What is your address?
  - How do I find you?
follow_up: Shall I tell you when we are open?
---
# Our *address*

We are at **five** [Garden Street](https://example.com/map),
next to the park.

See the [map](https://example.com/map) or <https://example.com>.

- Exit 2
- A ramp

| Day | Hours |
| --- | --- |
| Monday | 9–21 |
"""


def put(folder: Path, text: str, name: str = "en/address.md") -> Path:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def test_an_article_is_an_answer_to_speak_and_more_to_read(tmp_path: Path) -> None:
    put(tmp_path, GOOD)
    (article,) = Knowledge.load(tmp_path).articles["en"]
    assert (article.name, article.title) == ("address", "Our address")
    assert article.text == "We are at five Garden Street, next to the park."
    assert article.questions == ("Where are you?", "What is your address?", "How do I find you?")
    assert article.follow_up == "Shall I tell you when we are open?"
    assert article.more.splitlines() == [
        "See the map (https://example.com/map) or https://example.com.",
        "— Exit 2",
        "— A ramp",
        "Day — Hours",
        "Monday — 9–21",
    ]


def test_windows_files_read_the_same(tmp_path: Path) -> None:
    path = put(tmp_path, "")
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    (article,) = Knowledge.load(tmp_path).articles["en"]
    assert article.text == "We are at five Garden Street, next to the park."


@pytest.mark.parametrize(
    ("was", "is_now", "line", "part"),
    [
        ("---\nquestions", "questions", 1, "begins without questions"),
        ("  - How do I find you?\n", "", 2, "questions: List should have at least 3 items"),
        ("  - What is your address?\n", "  - ''\n", 4, "questions.1: String should have at least 2 characters"),
        ("  - What is your address?\n", "  - [a, b]\n", 4, "questions.1: Input should be a valid string"),
        ("follow_up:", "followup:", 6, "followup: Extra inputs are not permitted"),
        ("questions:\n", "questions: [\n", 3, "not YAML"),
        ("when we are open?", "our prices from $5?", 1, "the follow-up is spoken: write '$' in words"),
        ("# Our *address*\n", "", 8, "no title"),
        ("# Our *address*\n", "#\n", 8, "no title"),
        ("We are at", "We are at 24/7 and", 10, "write '24' in words"),
        ("next to the park", "see www.example.com", 10, "write 'www.example.com' in words"),
        ("next to the park", "write to a@b.com", 10, "write 'a@b.com' in words"),
        ("next to the park", "<b>next</b>", 10, "no pictures, HTML or code"),
        ("next to the park", "![a park](park.png)", 10, "no pictures, HTML or code"),
        ("next to the park.", "One. Two. Three. Four.", 10, "has 4 sentences; at most 3"),
        ("next to the park", "next " * 100, 10, "characters; at most 350"),
    ],
)
def test_faults_name_the_file_and_the_line(tmp_path: Path, was: str, is_now: str, line: int, part: str) -> None:
    assert was in GOOD
    path = put(tmp_path, GOOD.replace(was, is_now, 1))
    with pytest.raises(KnowledgeError) as fault:
        Knowledge.load(tmp_path)
    assert str(fault.value).startswith(f"{path}:{line}: ")
    assert part in str(fault.value)


def test_an_article_without_an_answer(tmp_path: Path) -> None:
    path = put(tmp_path, GOOD.split("We are at")[0] + "- only\n- a list\n")
    with pytest.raises(KnowledgeError, match="no answer: write a paragraph below the title") as fault:
        Knowledge.load(tmp_path)
    assert str(fault.value).startswith(f"{path}:8: ")


def test_all_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    put(tmp_path, GOOD.replace("# Our", "Our"))
    put(tmp_path, "no article", "en/other.md")
    put(tmp_path, "", "ru/third.md").write_bytes(b"\xff\xfe")
    with pytest.raises(KnowledgeError) as fault:
        Knowledge.load(tmp_path)
    assert len(str(fault.value).splitlines()) == 3
    assert "third.md:1: not UTF-8" in str(fault.value)


def test_a_question_belongs_to_one_article(tmp_path: Path) -> None:
    put(tmp_path, GOOD)
    path = put(tmp_path, GOOD.replace("Where are you?", "Where?").replace("How do", "Say how do"), "en/where.md")
    with pytest.raises(KnowledgeError) as fault:
        Knowledge.load(tmp_path)
    assert str(fault.value) == f"{path}:4: 'What is your address?' is asked in address.md, too"
    put(tmp_path, GOOD, "ru/where.md")  # another language is another matter
    path.unlink()
    Knowledge.load(tmp_path)


def test_a_folder_without_articles(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(KnowledgeError, match=r"no article .* in OTKLIK_KNOWLEDGE="):
            Knowledge.load(folder)


def test_the_articles_of_the_demonstration_shop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OTKLIK_KNOWLEDGE", raising=False)
    articles = Knowledge.load(Path(RobotSettings().knowledge)).articles
    assert [article.name for article in articles["ru"]] == [article.name for article in articles["en"]]
    assert len(articles["ru"]) >= 10
