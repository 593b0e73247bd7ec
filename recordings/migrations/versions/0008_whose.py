"""Whose a contact is, in indexed columns: numbers in E.164, compared whole. Receipts that go on by themselves.

Old rows are filled in batches by the rules of today (``recordings.contacts.phone_numbers``).
"""

from collections.abc import Callable, Sequence

import sqlalchemy as sa
from alembic import op

from recordings.contacts.phone_numbers import number_in, numbers_in_name, sender_of

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

BATCH = 2_000
"""Rows read and written at a time."""
NUMBERS = {"calls": ("number",), "callbacks": ("number",), "recordings": ("number", "second_number")}
INDEXES = (("samples", "contact"), ("outbox", "contact"), ("reviews", "finding_id"), ("erasures", "due_at"))


def upgrade() -> None:
    empty, nought = sa.text("''"), sa.text("0")
    for table, columns in NUMBERS.items():
        for column in columns:
            op.add_column(table, sa.Column(column, sa.String(16), server_default=empty, nullable=False))
    op.add_column("chats", sa.Column("sender", sa.String(254), server_default=empty, nullable=False))
    op.add_column("legal_holds", sa.Column("email", sa.String(254), server_default=empty, nullable=False))
    op.add_column("legal_holds", sa.Column("messenger", sa.String(192), server_default=empty, nullable=False))
    op.add_column("erasures", sa.Column("whom", sa.JSON(), nullable=True))
    op.add_column("erasures", sa.Column("waits_for", sa.JSON(), nullable=True))
    op.add_column("erasures", sa.Column("left", sa.JSON(), nullable=True))
    op.add_column("erasures", sa.Column("attempts", sa.Integer(), server_default=nought, nullable=False))
    op.add_column("erasures", sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE erasures SET due_at = requested_at")
    with op.batch_alter_table("erasures") as batch:
        batch.alter_column("due_at", existing_type=sa.DateTime(timezone=True), nullable=False)
        batch.alter_column("attempts", existing_type=sa.Integer(), server_default=None)
    op.create_table(
        "sound_spools",
        sa.Column("system", sa.String(64), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("calls", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("system", name="pk_sound_spools"),
    )

    _fill("calls", "id", ("caller_number", "language"), ("number",), lambda number, language: (number_in(number, language),))
    _fill("callbacks", "id", ("phone",), ("number",), lambda phone: (number_in(phone),))
    _fill("chats", "id", ("channel", "address", "language"), ("sender",), lambda *sent: (sender_of(*sent),))
    _fill("recordings", "id", ("filename", "language", "call_id"), NUMBERS["recordings"], _named)

    for table, columns in NUMBERS.items():
        for column in columns:
            op.create_index(f"ix_{table}_{column}", table, [column])
    op.create_index("ix_chats_sender", "chats", ["sender"])
    for table, column in INDEXES:
        op.create_index(f"ix_{table}_{column}", table, [column])


def _named(filename: str, language: str, call_id: str | None) -> tuple[str, str]:
    numbers = () if call_id else numbers_in_name(filename, language)
    first, second = (*numbers[:2], "", "")[:2]
    return first, second


def _fill(
    name: str, key: str, read: Sequence[str], written: Sequence[str], rule: Callable[..., Sequence[str]]
) -> None:
    """Work out ``written`` from ``read`` for every row, some at a time in the order of the key."""
    connection = op.get_bind()
    table = sa.table(name, sa.column(key), *map(sa.column, read), *map(sa.column, written))
    change = (
        sa.update(table)
        .where(table.c[key] == sa.bindparam("row_key"))
        .values({column: sa.bindparam(f"new_{column}") for column in written})
    )
    last = ""
    while True:
        batch = sa.select(table.c[key], *(table.c[column] for column in read)).where(table.c[key] > last)
        rows = connection.execute(batch.order_by(table.c[key]).limit(BATCH)).all()
        if not rows:
            return
        last = rows[-1][0]
        found = [
            {"row_key": row_key} | {f"new_{column}": value for column, value in zip(written, rule(*given), strict=True)}
            for row_key, *given in rows
        ]
        if filled := [values for values in found if any(values[f"new_{column}"] for column in written)]:
            connection.execute(change, filled)


def downgrade() -> None:
    for table, column in INDEXES:
        op.drop_index(f"ix_{table}_{column}", table)
    op.drop_index("ix_chats_sender", "chats")
    for table, columns in NUMBERS.items():
        for column in columns:
            op.drop_index(f"ix_{table}_{column}", table)
            op.drop_column(table, column)
    op.drop_column("chats", "sender")
    op.drop_table("sound_spools")
    for column in ("whom", "waits_for", "left", "attempts", "due_at"):
        op.drop_column("erasures", column)
    for column in ("email", "messenger"):
        op.drop_column("legal_holds", column)
