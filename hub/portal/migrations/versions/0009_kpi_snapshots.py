"""Closed counts of a programme, corrections beside them, and where people are counted by hand."""

import sqlalchemy as sa
from alembic import op

from hub.portal.models.base import RowId, UTCDateTime

revision = "0009"
down_revision = "0008"

TABLES = ("kpi_snapshot", "kpi_snapshot_person", "kpi_adjustment", "kpi_attribution")


def is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def refers(table: str, column: str, target: str, *, nullable: bool = False) -> sa.Column[int]:
    """A column that refers to the id of ``target`` and never lets it go."""
    name = f"fk_{table}_{column}_{target}"
    return sa.Column(column, RowId, sa.ForeignKey(f"{target}.id", name=name, ondelete="RESTRICT"), nullable=nullable)


def row_id(table: str) -> tuple[sa.Column[int], sa.PrimaryKeyConstraint]:
    return sa.Column("id", RowId, nullable=False), sa.PrimaryKeyConstraint("id", name=f"pk_{table}")


def made(table: str, *, nullable: bool = False) -> tuple[sa.Column[int], sa.Column[object]]:
    return refers(table, "made_by_id", "person", nullable=nullable), sa.Column("made_at", UTCDateTime(), nullable=False)


def index(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(f"ix_{table}_{column}", table, [column])


def upgrade() -> None:
    create_snapshots()
    create_corrections()
    for table in TABLES:
        forbid(table, "UPDATE")
        forbid(table, "DELETE")


def create_snapshots() -> None:
    op.create_table(
        "kpi_snapshot",
        *row_id("kpi_snapshot"),
        refers("kpi_snapshot", "programme_id", "programme"),
        sa.Column("closing_date", sa.Date(), nullable=False),
        sa.Column("target", sa.Integer(), nullable=False),
        sa.Column("headcount", sa.Integer(), nullable=False),
        sa.Column("completions", sa.Integer(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("rule_versions", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        *made("kpi_snapshot", nullable=True),
        sa.UniqueConstraint("programme_id", "closing_date", name="uq_kpi_snapshot_programme_id_closing_date"),
    )
    index("kpi_snapshot", "programme_id")
    table = "kpi_snapshot_person"
    track = ("student", "employee", "job_seeker", "ceo")
    op.create_table(
        table,
        refers(table, "snapshot_id", "kpi_snapshot"),
        refers(table, "person_id", "person"),
        refers(table, "university_id", "university"),
        refers(table, "enrolment_id", "enrolment"),
        refers(table, "decision_id", "completion_decision"),
        refers(table, "rule_id", "completion_rule"),
        sa.Column("counted_at", UTCDateTime(), nullable=False),
        sa.Column("completions", sa.Integer(), nullable=False),
        sa.Column(
            "track", sa.Enum(*track, name="track", native_enum=False, create_constraint=True, length=40), nullable=False
        ),
        refers(table, "company_id", "company", nullable=True),
        sa.Column("region", sa.String(20), nullable=True),
        sa.PrimaryKeyConstraint("snapshot_id", "person_id", name=f"pk_{table}"),
    )
    index(table, "person_id", "university_id")


def create_corrections() -> None:
    table = "kpi_adjustment"
    op.create_table(
        table,
        *row_id(table),
        refers(table, "snapshot_id", "kpi_snapshot"),
        refers(table, "person_id", "person"),
        refers(table, "university_id", "university"),
        sa.Column("change", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        *made(table),
        sa.CheckConstraint("change IN (-1, 1)", name="ck_kpi_adjustment_one_person"),
    )
    index(table, "snapshot_id", "person_id", "university_id")
    table = "kpi_attribution"
    op.create_table(
        table,
        *row_id(table),
        refers(table, "programme_id", "programme"),
        refers(table, "person_id", "person"),
        refers(table, "university_id", "university", nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        *made(table),
    )
    index(table, "programme_id", "person_id", "university_id")


def forbid(table: str, event: str) -> None:
    body = f"BEGIN SELECT RAISE(ABORT, 'rows of {table} never change'); END"
    if is_postgresql():
        body = "EXECUTE FUNCTION refuse_change()"
    op.execute(f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table} FOR EACH ROW {body}")


def downgrade() -> None:
    for table in TABLES:
        for event in ("update", "delete"):
            op.execute(f"DROP TRIGGER {table}_no_{event}{f' ON {table}' if is_postgresql() else ''}")
    for table in ("kpi_attribution", "kpi_adjustment", "kpi_snapshot_person", "kpi_snapshot"):
        op.drop_table(table)
