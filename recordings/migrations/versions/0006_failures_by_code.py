"""What broke in a call, by code. Older calls keep their words alone."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("calls", sa.Column("failures", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("calls", "failures")
