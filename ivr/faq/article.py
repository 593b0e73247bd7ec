"""An article of the knowledge base: Markdown with the ways to ask for it, an answer to be spoken, and more to read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Annotated

from markdown_it import MarkdownIt
from markdown_it.token import Token
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from speech.text.sentences import sentences
from speech.yaml_source import FileRefused, Problem, decoded, read_bytes, read_yaml

LONGEST_FILE = 100_000
"""Bytes; an article is a page, not a book."""
LONGEST_ANSWER = 350
"""Characters: some 25 seconds of speech, beyond which people interrupt."""
MOST_SENTENCES = 3
UNSPEAKABLE = re.compile(r"https?://\S+|www\.\S+|(?<!\S)[^\s@]++@\S+|\S@\S+|\d[\d\s.,:]*|[№₽$€£%&/\\<>|#*_=+~^{}\[\]]")
"""Signs a voice reads badly or not at all: they are written in words, or below the first paragraph."""

_FRONT = re.compile(r"\A---\n(.*?\n)---\n(.*)\Z", re.DOTALL)

Phrase = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=200)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One thing people ask about."""

    name: str
    """Name of its file without the ending: ``opening_hours``."""
    title: str
    questions: tuple[str, ...]
    """Ways to ask for it."""
    text: str
    """The answer as it is spoken: the first paragraph, plain."""
    more: str
    """All the rest for those who read, plain, a line a paragraph or item; may be empty."""
    follow_up: str
    """Question the robot asks afterwards; may be empty."""


class _Front(BaseModel):
    """The part between the lines of dashes."""

    model_config = ConfigDict(extra="forbid", strict=True)

    questions: list[Phrase] = Field(min_length=3)
    follow_up: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = ""


def read_article(path: Path) -> tuple[Article | None, list[Problem]]:
    """The article of a file, or None and everything that is wrong with it."""
    try:
        source = _text(path)
        parts = _FRONT.match(source)
        if not parts:
            what = "begins without questions: '---', 'questions:' with at least three lines, '---'"
            raise FileRefused(Problem(file=str(path), line=1, text=what))
    except FileRefused as refused:
        return None, list(refused.problems)
    front, problems = _front(parts[1], path)
    title, spoken, rest, faults = _body(parts[2], parts[1].count("\n") + 3)
    if front and front.follow_up and (sign := UNSPEAKABLE.search(front.follow_up)):
        faults.append((1, f"the follow-up is spoken: write {_shown(sign)!r} in words"))
    problems += [Problem(file=str(path), line=line, text=text) for line, text in faults]
    if problems or front is None:
        return None, sorted(problems, key=lambda problem: (problem.line, problem.text))
    article = Article(
        name=path.stem,
        title=title,
        questions=tuple(front.questions),
        text=spoken,
        more=rest,
        follow_up=front.follow_up,
    )
    return article, []


def _text(path: Path) -> str:
    body = read_bytes(path, most=LONGEST_FILE)
    if len(body) > LONGEST_FILE:
        raise FileRefused(Problem(file=str(path), line=1, text=f"longer than {LONGEST_FILE:,} bytes"))
    return decoded(body, path).replace("\r\n", "\n")


def _front(text: str, path: Path) -> tuple[_Front | None, list[Problem]]:
    try:
        return read_yaml(text, path, first_line=2).shaped(_Front), []
    except FileRefused as refused:
        return None, list(refused.problems)


def _body(source: str, first_line: int) -> tuple[str, str, str, list[tuple[int, str]]]:
    """Title, spoken answer, the rest, and what is wrong with them."""
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(source)
    heading = next((at for at, token in enumerate(tokens) if token.type == "heading_open"), None)
    if heading is None or not _plain(tokens[heading + 1]):
        return "", "", "", [(first_line, "no title: give it a line '# Title' before the answer")]
    answer = next((at for at in range(heading, len(tokens)) if tokens[at].type == "paragraph_open"), None)
    if answer is None or tokens[answer].level:
        return "", "", "", [(first_line + _row(tokens[heading]), "no answer: write a paragraph below the title")]
    title, spoken = _plain(tokens[heading + 1]), _plain(tokens[answer + 1])
    line = first_line + _row(tokens[answer])
    problems = [(line, text) for text in _spoken_faults(spoken, tokens[answer + 1])]
    return title, spoken, "\n".join(_lines(tokens[answer + 3 :])), problems


def _spoken_faults(spoken: str, inline: Token) -> Iterator[str]:
    said = len(sentences(spoken))
    if said > MOST_SENTENCES:
        yield f"the first paragraph is spoken and has {said} sentences; at most {MOST_SENTENCES}, more goes below it"
    if len(spoken) > LONGEST_ANSWER:
        yield f"the first paragraph is spoken and has {len(spoken)} characters; at most {LONGEST_ANSWER}"
    if any(child.type in {"image", "html_inline", "code_inline"} for child in inline.children or ()):
        yield "the first paragraph is spoken: no pictures, HTML or code in it"
    if sign := UNSPEAKABLE.search(spoken):
        yield f"the first paragraph is spoken: write {_shown(sign)!r} in words or put it below"


def _shown(sign: re.Match[str]) -> str:
    return sign[0].strip(" .,:;!?\n")


def _lines(tokens: Sequence[Token]) -> Iterator[str]:
    """Plain lines of all blocks; items of a list after a dash, cells of a row with one between them."""
    cells: list[str] = []
    for before, token in pairwise([Token("", "", 0), Token("", "", 0), *tokens]):
        if token.type == "tr_close":
            yield " — ".join(cells)
            cells = []
        elif token.type in {"fence", "code_block"}:
            yield token.content.strip()
        elif token.type == "inline" and before.type in {"th_open", "td_open"}:
            cells.append(_plain(token, links=True))
        elif token.type == "inline" and (text := _plain(token, links=True)):
            yield f"— {text}" if before.level >= 2 else text


def _plain(inline: Token, *, links: bool = False) -> str:
    """The words of a piece of text without its markup; addresses of links only if wanted."""
    words: list[str] = []
    targets: list[str] = []
    for child in inline.children or ():
        if child.type == "link_open":
            targets.append(str(child.attrGet("href") or ""))
        elif child.type == "link_close" and links and words[-1:] != targets[-1:]:
            words.append(f" ({targets.pop()})")
        elif child.type in {"softbreak", "hardbreak"}:
            words.append(" ")
        elif child.type in {"text", "code_inline"}:
            words.append(child.content)
    return " ".join("".join(words).split())


def _row(token: Token) -> int:
    return token.map[0] if token.map else 0
