"""Regrades: results kept apart from the grades that count until they are published or discarded."""

import sqlalchemy as sa
from alembic import op

from hub.portal.models.base import RowId, UTCDateTime

revision = "0011"
down_revision = "0010"


def refers(table: str, column: str, target: str, *, nullable: bool = False) -> sa.Column[int]:
    name = f"fk_{table}_{column}_{target}"
    return sa.Column(column, RowId, sa.ForeignKey(f"{target}.id", name=name, ondelete="RESTRICT"), nullable=nullable)


def names(table: str, column: str, target: str, key: str, *, nullable: bool = False) -> sa.Column[str]:
    """A column that names a row of ``target`` by its digest."""
    fk = sa.ForeignKey(f"{target}.{key}", name=f"fk_{table}_{column}_{target}", ondelete="RESTRICT")
    return sa.Column(column, sa.String(64), fk, nullable=nullable)


def upgrade() -> None:
    create_regrades()
    create_items()
    op.create_table(
        "version_replacement",
        refers("version_replacement", "version_id", "assignment_version"),
        refers("version_replacement", "by_version_id", "assignment_version"),
        refers("version_replacement", "regrade_id", "regrade"),
        sa.PrimaryKeyConstraint("version_id", name="pk_version_replacement"),
    )


def create_regrades() -> None:
    states = ("sample", "full", "published", "discarded")
    state = sa.Enum(*states, name="regradestate", native_enum=False, create_constraint=True, length=40)
    op.create_table(
        "regrade",
        sa.Column("id", RowId, nullable=False),
        refers("regrade", "assignment_id", "assignment"),
        refers("regrade", "university_id", "university"),
        refers("regrade", "version_id", "assignment_version"),
        sa.Column("state", state, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        refers("regrade", "made_by_id", "person"),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        refers("regrade", "ended_by_id", "person", nullable=True),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("counts", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_regrade"),
    )
    for column in ("assignment_id", "university_id", "version_id"):
        op.create_index(f"ix_regrade_{column}", "regrade", [column])
    is_open = sa.text("state IN ('sample', 'full')")
    op.create_index(
        "uq_regrade_open", "regrade", ["assignment_id"], unique=True, sqlite_where=is_open, postgresql_where=is_open
    )


def create_items() -> None:
    op.create_table(
        "regrade_item",
        sa.Column("id", RowId, nullable=False),
        refers("regrade_item", "regrade_id", "regrade"),
        refers("regrade_item", "attempt_id", "attempt"),
        refers("regrade_item", "university_id", "university"),
        names("regrade_item", "request_digest", "grade_request", "digest"),
        names("regrade_item", "base_digest", "grade_report", "request_digest", nullable=True),
        sa.Column("is_sample", sa.Boolean(), nullable=False),
        sa.Column("old_score", sa.Double(), nullable=True),
        sa.Column("new_score", sa.Double(), nullable=True),
        sa.Column("new_state", sa.String(40), nullable=True),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("is_changed", sa.Boolean(), nullable=False),
        sa.Column("compared_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_regrade_item"),
        sa.UniqueConstraint("regrade_id", "attempt_id", name="uq_regrade_item_regrade_id_attempt_id"),
    )
    op.create_index("ix_regrade_item_university_id", "regrade_item", ["university_id"])
    op.create_index("ix_regrade_item_work", "regrade_item", ["attempt_id", "request_digest"])
    op.create_index("ix_regrade_item_compared", "regrade_item", ["regrade_id", "compared_at"])


def downgrade() -> None:
    for table in ("version_replacement", "regrade_item", "regrade"):
        op.drop_table(table)
