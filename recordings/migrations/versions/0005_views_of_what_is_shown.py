"""The views read what pages show: no draft's findings, the reason of the shown transcript."""

from alembic import op

from recordings.exports.bi_views import make_views

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    make_views(op.get_bind())


def downgrade() -> None:
    """Their names and columns are those of 0004, and its contents were wrong: they stay."""
