"""Names of files as everyone sees and searches them."""

import sqlalchemy as sa
from alembic import op

from speech.redaction.masks import masked_filename

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

AT_ONCE = 1000
"""Rows that are read and written together."""


def upgrade() -> None:
    op.add_column("recordings", sa.Column("shown_name", sa.String(), nullable=False, server_default=sa.text("''")))
    names = sa.table("recordings", *(sa.column(name, sa.String()) for name in ("id", "filename", "call_id", "shown_name")))
    connection, behind = op.get_bind(), ""
    page = sa.select(names.c.id, names.c.filename, names.c.call_id).order_by(names.c.id).limit(AT_ONCE)
    while rows := connection.execute(page.where(names.c.id > behind)).all():
        for id_, filename, call in rows:
            shown = filename if call and filename.startswith(f"{call}.") else masked_filename(filename)
            connection.execute(sa.update(names).where(names.c.id == id_).values(shown_name=shown))
        behind = rows[-1][0]


def downgrade() -> None:
    op.drop_column("recordings", "shown_name")
