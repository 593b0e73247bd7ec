"""`otklik sentiment`: how content people sound in their words, a JSON line a text, and what corrections teach."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

from api.command.json_lines import Row, each_line, text_field
from speech.sentiment.samples import samples
from speech.sentiment.sentiment import sentiment
from speech.text.language import languages


def print_sentiment(language: str) -> int:
    """Answer each ``{"text"}`` with its ``{"sentiment", "score"}``. Returns the exit code."""
    if problem := _wrong_language(language):
        print(problem, file=sys.stderr)
        return 2

    def answer(row: Row) -> Row:
        felt = sentiment(text_field(row), language)
        return {"sentiment": felt.label, "score": round(felt.value, 3)}

    return each_line(sys.stdin.buffer, answer, sys.stdout.buffer)


def train_model(language: str) -> int:
    """Learn our phrases and people's corrections; put the model in use unless it is worse. Returns the exit code."""
    if problem := _wrong_language(language):
        print(problem, file=sys.stderr)
        return 2
    from analytics.learning.sentiment import train_sentiment
    from recordings.database import connect, migrate
    from recordings.settings import StoreSettings

    store = StoreSettings()
    migrate(store.database_url)
    try:
        done = train_sentiment(connect(store.database_url), language)
    except (OSError, ImportError) as problem:
        print(f"nothing was changed: {problem}", file=sys.stderr)
        return 1
    print(json.dumps(asdict(done)))
    if not done.promoted:
        print(f"{done.version} is worse than {done.running} on the kept-back phrases: not put in use", file=sys.stderr)
        return 1
    return 0


def _wrong_language(language: str) -> str:
    known = [name for name in languages() if samples(name)]
    return "" if language in known else f"--language wants one of {', '.join(known)}, got {language!r}"
