"""Uploaded rosters between their check and their application."""

import sqlalchemy as sa
from alembic import op

from hub.portal.models.base import RowId, UTCDateTime

revision = "0007"
down_revision = "0006"


def refers(column: str, target: str) -> sa.Column[int]:
    name = f"fk_roster_import_{column}_{target}"
    return sa.Column(column, RowId, sa.ForeignKey(f"{target}.id", name=name, ondelete="RESTRICT"), nullable=False)


def upgrade() -> None:
    state = sa.Enum(
        *("checked", "applied", "discarded"), name="rosterstate", native_enum=False, create_constraint=True, length=40
    )
    op.create_table(
        "roster_import",
        sa.Column("id", RowId, nullable=False),
        refers("cohort_id", "cohort"),
        refers("university_id", "university"),
        sa.Column("state", state, nullable=False),
        sa.Column("file_name", sa.String(200), nullable=False),
        sa.Column("file_digest", sa.String(64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        refers("made_by_id", "person"),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_roster_import"),
    )
    for column in ("cohort_id", "university_id"):
        op.create_index(f"ix_roster_import_{column}", "roster_import", [column])


def downgrade() -> None:
    op.drop_table("roster_import")
