"""Keywords that dictionaries had found in what redaction hides: by them anybody who wrote a phrase could ask for it."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

AT_ONCE = 200
"""Redactions that are read together."""
MARGIN = 0.101
"""Seconds by which a hidden part was widened on both sides and rounded: a word beside it is no part of it."""

REDACTIONS = sa.table(
    "redactions", *(sa.column(name, sa.String()) for name in ("id", "transcript_id")),
    *(sa.column(name, sa.JSON()) for name in ("body", "spans")),
)  # fmt: skip
ANALYSES = sa.table("analyses", sa.column("id", sa.String()), sa.column("transcript_id", sa.String()))
FINDINGS = sa.table(
    "findings", *(sa.column(name, sa.String()) for name in ("id", "analysis_id", "kind", "speaker")),
    *(sa.column(name, sa.Float()) for name in ("start", "end")),
)  # fmt: skip


def upgrade() -> None:
    connection, behind = op.get_bind(), ""
    page = sa.select(REDACTIONS).order_by(REDACTIONS.c.id).limit(AT_ONCE)
    while rows := connection.execute(page.where(REDACTIONS.c.id > behind)).all():
        for row in rows:
            if row.spans:
                _forget(connection, row)
        behind = rows[-1].id


def _forget(connection: sa.Connection, row: sa.Row) -> None:
    said = row.body.get("utterances", ())
    hidden = [
        (said[span["utterance"]].get("speaker"), span["start"] + MARGIN, span["end"] - MARGIN)
        for span in row.spans
        if span["utterance"] < len(said)
    ]
    of_it = sa.select(ANALYSES.c.id).where(ANALYSES.c.transcript_id == row.transcript_id)
    found = sa.select(FINDINGS).where(FINDINGS.c.analysis_id.in_(of_it), FINDINGS.c.kind == "keyword")
    gone = [
        one.id
        for one in connection.execute(found)
        if any(one.speaker == who and one.start < end and start < one.end for who, start, end in hidden)
    ]
    if gone:
        connection.execute(sa.delete(FINDINGS).where(FINDINGS.c.id.in_(gone)))


def downgrade() -> None:
    """They are found anew by whoever runs older rules over the archive."""
