"""Read-only views for other programs."""

from alembic import op

from recordings.exports.bi_views import drop_views, make_views

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    make_views(op.get_bind())


def downgrade() -> None:
    drop_views(op.get_bind())
