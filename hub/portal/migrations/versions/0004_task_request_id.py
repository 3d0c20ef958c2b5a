"""The id of the request that asked for a grading, so that one id leads from a student's click to the worker's log."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("grading_task", sa.Column("request_id", sa.String(40), nullable=True))


def downgrade() -> None:
    op.drop_column("grading_task", "request_id")
