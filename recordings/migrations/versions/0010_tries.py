"""What may be tried so many times a day only: counted for all processes together."""

import sqlalchemy as sa
from alembic import op

from recordings.tables import Utc

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tries")),
    )
    for column in ("number", "key", "at"):
        op.create_index(op.f(f"ix_tries_{column}"), "tries", [column])


def downgrade() -> None:
    op.drop_table("tries")
