"""Users switched off and removed, sessions and tokens seen and ended, second factor, log-ins that failed.

Tokens of old get an end, ``OLD_TOKEN_DAYS`` from now; sessions of old begin now.
"""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

OLD_TOKEN_DAYS = 90
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    now = datetime.now(UTC)
    with op.batch_alter_table("users") as users:
        users.add_column(sa.Column("agent_since", TIME, nullable=True))
        users.add_column(sa.Column("former_agents", sa.JSON(), nullable=True))
        users.add_column(sa.Column("drawn_at", TIME, nullable=True))
        users.add_column(sa.Column("off_at", TIME, nullable=True))
        users.add_column(sa.Column("removed_at", TIME, nullable=True))
        users.alter_column("role", existing_type=sa.String(16), existing_nullable=False, server_default=None)
    text = {"nullable": False, "server_default": sa.text("''")}
    for name, added in (
        (
            "sessions",
            (
                sa.Column("started_at", TIME, nullable=True),
                sa.Column("seen_at", TIME, nullable=True),
                sa.Column("code_until", TIME, nullable=True),
                sa.Column("factor_at", TIME, nullable=True),
                sa.Column("address", sa.String(64), **text),
                sa.Column("browser", sa.String(200), **text),
            ),
        ),
        (
            "tokens",
            (sa.Column("expires_at", TIME, nullable=True), sa.Column("scopes", sa.JSON(), nullable=True)),
        ),
    ):
        for column in added:
            op.add_column(name, column)
    sessions = sa.table("sessions", sa.column("started_at", TIME), sa.column("seen_at", TIME))
    op.execute(sessions.update().values(started_at=now, seen_at=now))
    tokens = sa.table("tokens", sa.column("expires_at", TIME))
    op.execute(tokens.update().values(expires_at=now + timedelta(days=OLD_TOKEN_DAYS)))
    with op.batch_alter_table("sessions") as table:
        table.alter_column("started_at", existing_type=TIME, nullable=False)
        table.alter_column("seen_at", existing_type=TIME, nullable=False)
        table.create_index("ix_sessions_user_id", ["user_id"])
    with op.batch_alter_table("tokens") as table:
        table.alter_column("expires_at", existing_type=TIME, nullable=False)
        table.create_index("ix_tokens_user_id", ["user_id"])
    owner = {"ondelete": "CASCADE"}
    op.create_table(
        "second_factors",
        sa.Column("user_id", sa.String(64), nullable=False),
        sa.Column("salt", sa.String(64), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("confirmed_at", TIME, nullable=True),
        sa.Column("counter", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_second_factors_user_id", **owner),
        sa.PrimaryKeyConstraint("user_id", name="pk_second_factors"),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("user_id", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_recovery_codes_user_id", **owner),
        sa.PrimaryKeyConstraint("code_hash", name="pk_recovery_codes"),
    )
    op.create_index("ix_recovery_codes_user_id", "recovery_codes", ["user_id"])
    op.create_table(
        "login_failures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("login", sa.String(64), nullable=False),
        sa.Column("source", sa.String(80), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_login_failures"),
    )
    op.create_index("ix_login_failures_at", "login_failures", ["at"])
    op.create_index("ix_login_failures_source", "login_failures", ["source"])
    op.create_index("ix_login_failures_login_source", "login_failures", ["login", "source"])
    op.create_table(
        "login_sources",
        sa.Column("user_id", sa.String(64), nullable=False),
        sa.Column("source", sa.String(80), nullable=False),
        sa.Column("seen_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_login_sources_user_id", **owner),
        sa.PrimaryKeyConstraint("user_id", "source", name="pk_login_sources"),
    )


def downgrade() -> None:
    for name in ("login_sources", "login_failures", "recovery_codes", "second_factors"):
        op.drop_table(name)
    with op.batch_alter_table("tokens") as table:
        table.drop_index("ix_tokens_user_id")
        table.drop_column("scopes")
        table.drop_column("expires_at")
    with op.batch_alter_table("sessions") as table:
        table.drop_index("ix_sessions_user_id")
        for column in ("browser", "address", "factor_at", "code_until", "seen_at", "started_at"):
            table.drop_column(column)
    with op.batch_alter_table("users") as users:
        users.alter_column("role", existing_type=sa.String(16), server_default=sa.text("'admin'"))
        for column in ("removed_at", "off_at", "drawn_at", "former_agents", "agent_since"):
            users.drop_column(column)
