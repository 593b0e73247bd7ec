"""`otklik topics`: what callers ask that no intent knows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.options import AnyLanguage, AsJson, account, app

if TYPE_CHECKING:
    from recordings.learning.topics import Topic

SHORT = 8
"""Letters of an id that are shown."""

topics_app = typer.Typer(no_args_is_help=True, help="What callers ask that no intent knows.")
app.add_typer(topics_app, name="topics")


@topics_app.command("find")
def find_topics(
    language: AnyLanguage = "",
    days: Annotated[int, typer.Option(min=1, max=3650, help="How far back to look.")] = 92,
    as_json: AsJson = False,
) -> None:
    """Put like questions together and propose new topics; a person accepts them on the page Topics."""
    from api.cli.follow import console, followed, told_why, with_database
    from api.installation.installation import open_database
    from api.operations.topics import order_search
    from recordings.jobs import JobState

    here = with_database(open_database())
    search = order_search(here.engine, by=account(), language=language, days=days)
    done = followed(here, search.job, doing="looking for topics")
    if done.state is not JobState.DONE:
        told_why(done)
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


@topics_app.command("list")
def list_topics(
    language: AnyLanguage = "",
    days: Annotated[int, typer.Option(min=1, max=3650, help="How far back to count.")] = 56,
    as_json: AsJson = False,
) -> None:
    """Topics with their calls and growth."""
    from datetime import UTC, datetime, timedelta

    from rich.table import Column, Table
    from rich.text import Text

    from api.cli.follow import console
    from api.installation.installation import open_database
    from recordings.database import reading
    from recordings.learning import topics

    until = datetime.now(UTC)
    with reading(open_database()) as db:
        found = topics.list_topics(db, since=until - timedelta(days=days), until=until, language=language)
    if as_json:
        for topic in found:
            print(json.dumps(_row(topic), ensure_ascii=False))
        return
    table = Table(Column("id", no_wrap=True), "topic", "state", Column("calls", justify="right"), "week", "example")
    for topic in found:
        example = topic.examples[0].evidence.quote if topic.examples else ""
        change = f"{topic.change:+d}" if topic.change else "0"
        shown = (topic.id[:SHORT], topic.name, topic.state, str(topic.calls), change, example)
        table.add_row(*(Text(cell) for cell in shown))
    console.print(table)


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
