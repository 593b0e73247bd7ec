"""Read-only SQL views for other programs (Power BI, Metabase, Superset, DataLens): a promise that tables are not.

No view shows personal data: numbers are digests or masked, words are those of the redaction, names are those of
employees alone. Migrations 0004 and 0005 make the views. One that changes a table below a view drops it first
(``drop_views``) and makes it again, as SQLite renames no table that a view reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Dialect, String, literal_column, text

from recordings.selection import shown_analysis_id, shown_meaning_id

SHOWN = {"meaning": shown_meaning_id, "analysis": shown_analysis_id}

READ_ONLY_ROLE = """PostgreSQL, a role that reads the views and nothing else:
  CREATE ROLE otklik_bi LOGIN PASSWORD '…';
  GRANT CONNECT ON DATABASE otklik TO otklik_bi; GRANT USAGE ON SCHEMA public TO otklik_bi;
  GRANT SELECT ON bi_calls, bi_findings, bi_evaluations, bi_queue_visits, bi_surveys, bi_days TO otklik_bi;
The views read the tables by their owner's right, so the role needs none on the tables. SQLite has no roles: open the
file read-only (file:otklik.db?mode=ro) and give it to nobody who may not read calls.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    what: str
    columns: dict[str, str]
    """Column → what it holds."""
    query: str
    """SQL; ``{seconds:a:b}`` stands for the seconds from a to b, ``{day:a}`` for the day of a, ``{meaning:a}`` and
    ``{analysis:a}`` for the ids of what is shown of the recording a, in the dialect."""


VIEWS: dict[str, View] = {
    "bi_calls": View(
        what="one line a call that has ended",
        columns={
            "call_id": "id, as in the address of the call's page /calls/ID",
            "started_at": "UTC",
            "answered_at": "UTC; empty when the robot did not answer",
            "ended_at": "UTC",
            "seconds": "from the start to the end",
            "language": "ru, en …",
            "scenario": "the robot's",
            "outcome": "settled, handed_over, callback, abandoned, failed",
            "agent": "endpoint of the person who took it; empty for none",
            "agent_name": "of the employee",
            "team": "of the employee",
            "customer": "id of the customer's card: the same for all their contacts, tells nobody's name or number",
            "segment": "of the customer, as the company's system names it",
            "consent": "whether the caller agreed to be recorded",
            "reason": "intent the call was about, as its page shows it; empty for none known",
            "recording_id": "id of the recording; empty for none",
            "sound_seconds": "length of the recording",
        },
        query="""
            SELECT c.id AS call_id, c.started_at, c.answered_at, c.ended_at,
                {seconds:c.started_at:c.ended_at} AS seconds, c.language, c.scenario, c.outcome, c.agent,
                COALESCE(g.name, '') AS agent_name, COALESCE(g.team, '') AS team,
                COALESCE(c.customer_id, '') AS customer, COALESCE(k.segment, '') AS segment, c.consent,
                COALESCE(m.reason, '') AS reason, r.id AS recording_id, r.duration AS sound_seconds
            FROM calls c
            LEFT JOIN agents g ON g.endpoint = c.agent
            LEFT JOIN customers k ON k.id = c.customer_id
            LEFT JOIN recordings r ON r.call_id = c.id
            LEFT JOIN meanings m ON m.id = {meaning:r.id}
            WHERE c.ended_at IS NOT NULL""",
    ),
    "bi_findings": View(
        what="one line a finding that the page of a call shows",
        columns={
            "finding_id": "id",
            "recording_id": "id of the recording",
            "call_id": "id of the call; of an import that of the recording",
            "at": "UTC: when the call began, or the import came in",
            "kind": "keyword, sentiment, silence, overlap …",
            "label": "category or name within the kind",
            "speaker": "caller, robot, agent, unknown",
            "start_seconds": "from the start of the recording",
            "end_seconds": "from the start of the recording",
            "value": "sentiment -1..1, loudness dBFS; else empty",
        },
        query="""
            SELECT f.id AS finding_id, f.recording_id, COALESCE(r.call_id, r.id) AS call_id,
                COALESCE(c.started_at, r.created_at) AS at, f.kind, f.label, f.speaker, f.start AS start_seconds,
                f."end" AS end_seconds, f.value
            FROM recordings r
            JOIN findings f ON f.analysis_id = {analysis:r.id}
            LEFT JOIN calls c ON c.id = r.call_id""",
    ),
    "bi_evaluations": View(
        what="one line an evaluation that a person has handed in",
        columns={
            "evaluation_id": "id",
            "recording_id": "id of the recording",
            "call_id": "id of the call; of an import that of the recording",
            "scorecard": "name of the scorecard",
            "scorecard_version": "its version",
            "evaluator": "login",
            "agent": "endpoint of who was evaluated",
            "agent_name": "of the employee",
            "team": "of the employee",
            "state": "submitted, acknowledged, appealed, settled",
            "calibration": "name of the calibration session; empty outside of one",
            "score": "0..100, after an appeal as it was settled; empty where no item applied",
            "created_at": "UTC",
            "submitted_at": "UTC",
        },
        query="""
            SELECT e.id AS evaluation_id, e.recording_id, COALESCE(r.call_id, r.id) AS call_id, s.name AS scorecard,
                e.scorecard AS scorecard_version, e.evaluator, e.agent, COALESCE(g.name, '') AS agent_name,
                COALESCE(g.team, '') AS team, e.state, e.calibration,
                COALESCE(e.settled_score, e.score) AS score, e.created_at, e.submitted_at
            FROM evaluations e
            JOIN recordings r ON r.id = e.recording_id
            JOIN scorecards s ON s.version = e.scorecard
            LEFT JOIN agents g ON g.endpoint = e.agent
            WHERE e.state <> 'draft'""",
    ),
    "bi_queue_visits": View(
        what="one line a visit to a waiting line that has ended",
        columns={
            "visit_id": "id",
            "call_id": "id of the call",
            "queue": "name of the line",
            "joined_at": "UTC",
            "answered_at": "UTC; empty when nobody answered",
            "left_at": "UTC; empty when somebody answered",
            "waited_seconds": "until answered or left",
            "answered": "1 or 0",
            "agent": "endpoint of who answered",
            "reason": "why the robot handed over: asked, unclear, anger, scenario, failure",
        },
        query="""
            SELECT v.id AS visit_id, v.call_id, v.queue, v.joined_at, v.answered_at, v.left_at,
                {seconds:v.joined_at:COALESCE(v.answered_at, v.left_at)} AS waited_seconds,
                CASE WHEN v.answered_at IS NULL THEN 0 ELSE 1 END AS answered, v.agent, v.reason
            FROM queue_visits v
            WHERE v.answered_at IS NOT NULL OR v.left_at IS NOT NULL""",
    ),
    "bi_surveys": View(
        what="one line a question about how content somebody was",
        columns={
            "survey_id": "id",
            "call_id": "id of the call; empty for a chat",
            "chat_id": "id of the chat; empty for a call",
            "asked_at": "UTC",
            "answered_at": "UTC; empty for no answer",
            "rating": "1 (worst) .. 5 (best); empty for no answer",
        },
        query="SELECT s.id AS survey_id, s.call_id, s.chat_id, s.asked_at, s.answered_at, s.rating FROM surveys s",
    ),
    "bi_days": View(
        what="one line a day of UTC, language, scenario and outcome",
        columns={
            "day": "of UTC",
            "language": "ru, en …",
            "scenario": "the robot's",
            "outcome": "as in bi_calls",
            "calls": "that began on this day and have ended",
            "seconds": "of all of them together",
        },
        query="""
            SELECT {day:c.started_at} AS day, c.language, c.scenario, c.outcome, COUNT(*) AS calls,
                SUM({seconds:c.started_at:c.ended_at}) AS seconds
            FROM calls c
            WHERE c.ended_at IS NOT NULL
            GROUP BY {day:c.started_at}, c.language, c.scenario, c.outcome""",
    ),
}
"""In the order they are made. Their names and columns are kept from version to version."""


def make_views(connection: Connection) -> None:
    """Make all of them, also in place of those that are there.

    On PostgreSQL their columns are described in the database, and who was granted a view keeps it.
    """
    on_postgresql = connection.dialect.name == "postgresql"
    if not on_postgresql:  # SQLite replaces none
        drop_views(connection)
    for name, view in VIEWS.items():
        make = "CREATE OR REPLACE VIEW" if on_postgresql else "CREATE VIEW"
        connection.execute(text(f"{make} {name} AS {_in_dialect(view.query, connection.dialect)}"))
        if on_postgresql:
            connection.execute(text(f"COMMENT ON VIEW {name} IS '{_quoted(view.what)}'"))
            for column, what in view.columns.items():
                connection.execute(text(f"COMMENT ON COLUMN {name}.{column} IS '{_quoted(what)}'"))


def drop_views(connection: Connection) -> None:
    for name in reversed(VIEWS):
        connection.execute(text(f"DROP VIEW IF EXISTS {name}"))


def _quoted(what: str) -> str:
    return what.replace("'", "''").replace(":", "\\:")


def _in_dialect(query: str, dialect: Dialect) -> str:
    out, rest = "", query
    while "{" in rest:
        before, _, rest = rest.partition("{")
        inside, _, rest = rest.partition("}")
        kind, *columns = inside.split(":")
        out += before + _expression(kind, columns, dialect)
    return out + rest


def _expression(kind: str, columns: Sequence[str], dialect: Dialect) -> str:
    on_postgresql = dialect.name == "postgresql"
    if kind in SHOWN:
        shown = SHOWN[kind](literal_column(columns[0], String))
        return str(shown.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
    if kind == "day":
        return f"CAST({columns[0]} AT TIME ZONE 'UTC' AS DATE)" if on_postgresql else f"DATE({columns[0]})"
    start, end = columns
    if on_postgresql:
        return f"CAST(EXTRACT(EPOCH FROM {end} - {start}) AS DOUBLE PRECISION)"
    return f"ROUND((JULIANDAY({end}) - JULIANDAY({start})) * 86400.0, 3)"
