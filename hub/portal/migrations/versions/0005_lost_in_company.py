"""Which worker went silent with a task, and how often with others beside it: a killer must not cost them their tries."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("grading_task", sa.Column("losses", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.add_column("grading_task", sa.Column("lost_by", sa.String(120), nullable=True))
    op.create_index("ix_grading_task_lost_by", "grading_task", ["lost_by"])


def downgrade() -> None:
    op.drop_index("ix_grading_task_lost_by", "grading_task")
    op.drop_column("grading_task", "lost_by")
    op.drop_column("grading_task", "losses")
