"""`otklik topics …`: what callers ask that no intent knows."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from rich.table import Column, Table
from rich.text import Text

from api.command.follow import COMMAND_LINE, console, followed, parts_over, told_why
from api.installation.installation import open_database
from recordings.database import reading, transaction
from recordings.jobs import GOING_ON, JobState, list_jobs, start_job
from recordings.learning.topics import Topic, list_topics

SHORT = 8
"""Letters of an id that are shown."""


def find_topics(language: str, *, days: int, as_json: bool) -> int:
    """Search now, with a progress bar; what was found a language."""
    here = parts_over(open_database())
    with transaction(here.engine) as db:
        busy = next((job for job in list_jobs(db, 10, kind="topics") if job.state in GOING_ON), None)
        job = busy or start_job(db, "topics", {"language": language, "days": days}, by=COMMAND_LINE)
    done = followed(here, job, doing="looking for topics")
    if done.state is not JobState.DONE:
        return told_why(done)
    for name, found in sorted(done.result.items()):
        if as_json:
            print(json.dumps({"language": name, **found}, ensure_ascii=False))
        else:
            print(
                f"{name}: {found['questions']} unknown questions, {found['attached']} joined a topic, "
                f"{found['topics']} topics of {found['calls']} calls proposed"
            )
    if not done.result and not as_json:
        console.print("no call has been understood yet")
    return 0


def print_topics(language: str, *, days: int, as_json: bool) -> int:
    """Topics of the last days, the most frequent first."""
    until = datetime.now(UTC)
    with reading(open_database()) as db:
        found = list_topics(db, since=until - timedelta(days=days), until=until, language=language)
    if as_json:
        for topic in found:
            print(json.dumps(_row(topic), ensure_ascii=False))
        return 0
    table = Table(Column("id", no_wrap=True), "topic", "state", Column("calls", justify="right"), "week", "example")
    for topic in found:
        example = topic.examples[0].evidence.quote if topic.examples else ""
        change = f"{topic.change:+d}" if topic.change else "0"
        shown = (topic.id[:SHORT], topic.name, topic.state, str(topic.calls), change, example)
        table.add_row(*(Text(cell) for cell in shown))
    console.print(table)
    return 0


def _row(topic: Topic) -> dict[str, Any]:
    return {
        "id": topic.id,
        "language": topic.language,
        "name": topic.name,
        "state": topic.state,
        "calls": topic.calls,
        "change": topic.change,
        "weeks": {monday.isoformat(): calls for monday, calls in topic.weeks},
        "examples": [
            {"call": call.contact, "start": call.evidence.start, "end": call.evidence.end, "quote": call.evidence.quote}
            for call in topic.examples
        ],
    }
