"""Conversations whose visitors had refused to be recorded kept words: in their state, facts, summary, call-backs."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

CHATS = sa.table(
    "chats",
    sa.column("id", sa.String()),
    sa.column("consent", sa.Boolean()),
    sa.column("state", sa.JSON()),
    sa.column("facts", sa.JSON()),
    sa.column("summary", sa.Text()),
)
BESIDE = (("callbacks", "reason"), ("surveys", "comment"))
"""Tables with words of a chat, and the column."""


def upgrade() -> None:
    refused = CHATS.c.consent.is_(sa.false())
    op.execute(sa.update(CHATS).where(refused).values(state={}, facts={}, summary=""))
    for name, column in BESIDE:
        table = sa.table(name, sa.column("chat_id", sa.String()), sa.column(column, sa.Text()))
        theirs = table.c.chat_id.in_(sa.select(CHATS.c.id).where(refused))
        op.execute(sa.update(table).where(theirs).values({column: ""}))


def downgrade() -> None:
    """Words that are gone stay gone."""
