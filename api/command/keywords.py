"""`otklik keywords`: what a dictionary finds in phrases, a JSON line a phrase."""

from __future__ import annotations

import sys
from pathlib import Path

from analytics.dictionary import Category, Hit, Lexicon, LexiconUtterance, read_dictionary
from analytics.dictionary.words import placed_words
from api.command.json_lines import BadLine, Row, each_line, text_field
from speech.recognition.words import Speaker
from speech.text.language import languages
from speech.yaml_source import FileRefused, Problem, read_text


def print_keywords(language: str, dictionary: Path, *, likeness: bool) -> int:
    """Answer each ``{"text"}`` with the ``{"hits"}`` in it. Returns the exit code.

    A line may name its ``speaker`` (caller, robot, agent); where it does not, nobody is asked for. Nor is anything
    asked of the time: a line has none. What a category wants of a whole call it wants of the line.
    """
    if language not in languages():
        print(f"--language wants one of {', '.join(languages())}, got {language!r}", file=sys.stderr)
        return 2
    lexicon = read_lexicon(language, dictionary)
    if lexicon is None:
        return 1
    return each_line(
        sys.stdin.buffer,
        lambda row: {"hits": _hits(lexicon, text_field(row), _speaker(row), likeness)},
        sys.stdout.buffer,
    )


def read_lexicon(language: str, dictionary: Path) -> Lexicon | None:
    """A dictionary file, or all of a folder, of one language; None when there are faults, which are told on stderr."""
    files = sorted(dictionary.rglob("*.y*ml")) if dictionary.is_dir() else [dictionary]
    categories: list[Category] = []
    problems: list[Problem] = []
    for file in files:
        try:
            reading = read_dictionary(read_text(file), language, file)
        except FileRefused as refused:
            problems += refused.problems
        else:
            categories += reading.categories
            problems += reading.problems
    if not files:
        problems.append(Problem(file=str(dictionary), line=1, text="no dictionary here: want *.yaml"))
    for problem in problems:
        print(problem, file=sys.stderr)
    return None if problems else Lexicon(categories, language)


def _hits(lexicon: Lexicon, text: str, speaker: Speaker | None, likeness: bool) -> list[Row]:
    words = placed_words(text)
    hits = lexicon.find([LexiconUtterance(words=[placed.word for placed in words], speaker=speaker)])
    return [
        {
            "category": hit.label,
            "phrase": hit.phrase.written,
            "start": words[hit.first].start,
            "end": words[hit.last].end,
        }
        | (_likeness(hit) if likeness else {})
        for hit in hits
    ]


def _likeness(hit: Hit) -> Row:
    """How like the least like word is, and how like it has to be; 1 and null where all words are right."""
    return {"likeness": hit.likeness, "threshold": hit.phrase.fuzzy}


def _speaker(row: Row) -> Speaker | None:
    if "speaker" not in row:
        return None
    try:
        return Speaker(row["speaker"])
    except ValueError:
        raise BadLine(f"'speaker' wants one of {', '.join(Speaker)}, got {row['speaker']!r:.80}") from None
