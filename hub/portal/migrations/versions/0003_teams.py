"""Teams, extensions for teams, and points that a member gets more or less than the team.

That an attempt is a team's is a row of its own: SQLite can't add a reference to a table that others refer to.
"""

import sqlalchemy as sa
from alembic import op

from hub.portal.models.base import RowId, UTCDateTime

revision = "0003"
down_revision = "0002"

#: Which team handed in, and who belonged to it then, never change, as the attempt itself.
FIXED = ("team_attempt", "attempt_member")
ACTIVE_MEMBER, ACTIVE_ADJUSTMENT = sa.text("left_at IS NULL"), sa.text("revoked_at IS NULL")


def is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def refers(column: str, table: str, target: str, *, nullable: bool = False) -> sa.Column[int]:
    """A column that refers to the id of ``target`` and never lets it go."""
    name = f"fk_{table}_{column}_{target}"
    return sa.Column(column, RowId, sa.ForeignKey(f"{target}.id", name=name, ondelete="RESTRICT"), nullable=nullable)


def index(table: str, *columns: str) -> None:
    op.create_index(f"ix_{table}_{'_'.join(columns)}", table, columns)


def unique_active(table: str, where: sa.TextClause) -> None:
    columns = ["person_id", "assignment_id"]
    op.create_index(f"uq_{table}_active", table, columns, unique=True, sqlite_where=where, postgresql_where=where)


def upgrade() -> None:
    create_teams()
    create_members()
    create_adjustments()
    op.add_column("assignment", sa.Column("is_team_work", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("grade", sa.Column("adjustment_points", sa.Double(), nullable=False, server_default=sa.text("0")))
    create_shares()
    with op.batch_alter_table("extension") as batch:
        batch.add_column(refers("team_id", "extension", "team", nullable=True))
        batch.add_column(refers("revoked_by_id", "extension", "person", nullable=True))
        batch.alter_column("person_id", existing_type=RowId, nullable=True)
        batch.create_check_constraint(op.f("ck_extension_person_or_team"), "(person_id IS NULL) <> (team_id IS NULL)")
    index("extension", "team_id")


def create_teams() -> None:
    op.create_table(
        "team",
        sa.Column("id", RowId, nullable=False),
        refers("assignment_id", "team", "assignment"),
        refers("university_id", "team", "university"),
        sa.Column("name", sa.String(80), nullable=False),
        refers("created_by_id", "team", "person"),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("dissolved_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_team"),
        sa.UniqueConstraint("assignment_id", "university_id", "name", name="uq_team_assignment_id_university_id_name"),
    )
    index("team", "university_id")


def create_members() -> None:
    op.create_table(
        "team_member",
        sa.Column("id", RowId, nullable=False),
        refers("team_id", "team_member", "team"),
        refers("assignment_id", "team_member", "assignment"),
        refers("person_id", "team_member", "person"),
        refers("enrolment_id", "team_member", "enrolment"),
        refers("university_id", "team_member", "university"),
        sa.Column("joined_at", UTCDateTime(), nullable=False),
        sa.Column("left_at", UTCDateTime(), nullable=True),
        refers("added_by_id", "team_member", "person"),
        refers("removed_by_id", "team_member", "person", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_team_member"),
    )
    for column in ("team_id", "assignment_id", "person_id", "enrolment_id", "university_id"):
        index("team_member", column)
    unique_active("team_member", ACTIVE_MEMBER)


def create_adjustments() -> None:
    op.create_table(
        "grade_adjustment",
        sa.Column("id", RowId, nullable=False),
        refers("assignment_id", "grade_adjustment", "assignment"),
        refers("team_id", "grade_adjustment", "team"),
        refers("person_id", "grade_adjustment", "person"),
        refers("university_id", "grade_adjustment", "university"),
        sa.Column("points", sa.Double(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        refers("made_by_id", "grade_adjustment", "person"),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("revoked_at", UTCDateTime(), nullable=True),
        refers("revoked_by_id", "grade_adjustment", "person", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_grade_adjustment"),
        sa.CheckConstraint("points <> 0", name=op.f("ck_grade_adjustment_some_points")),
    )
    for column in ("assignment_id", "team_id", "person_id", "university_id"):
        index("grade_adjustment", column)
    unique_active("grade_adjustment", ACTIVE_ADJUSTMENT)


def create_shares() -> None:
    op.create_table(
        "team_attempt",
        refers("attempt_id", "team_attempt", "attempt"),
        refers("team_id", "team_attempt", "team"),
        sa.Column("number", sa.Integer(), nullable=False),
        refers("university_id", "team_attempt", "university"),
        sa.PrimaryKeyConstraint("attempt_id", name="pk_team_attempt"),
        sa.UniqueConstraint("team_id", "number", name="uq_team_attempt_team_id_number"),
    )
    op.create_table(
        "attempt_member",
        refers("attempt_id", "attempt_member", "attempt"),
        refers("person_id", "attempt_member", "person"),
        refers("enrolment_id", "attempt_member", "enrolment"),
        refers("university_id", "attempt_member", "university"),
        sa.PrimaryKeyConstraint("attempt_id", "person_id", name="pk_attempt_member"),
    )
    index("team_attempt", "university_id")
    for column in ("person_id", "enrolment_id", "university_id"):
        index("attempt_member", column)
    for table in FIXED:
        body = f"BEGIN SELECT RAISE(ABORT, 'rows of {table} never change'); END"
        if is_postgresql():
            body = "EXECUTE FUNCTION refuse_change()"
        op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} FOR EACH ROW {body}")


def downgrade() -> None:
    op.execute("DELETE FROM extension WHERE person_id IS NULL")
    op.drop_index("ix_extension_team_id", "extension")
    with op.batch_alter_table("extension") as batch:
        batch.drop_constraint(op.f("ck_extension_person_or_team"), type_="check")
        batch.drop_constraint(op.f("fk_extension_team_id_team"), type_="foreignkey")
        batch.drop_constraint(op.f("fk_extension_revoked_by_id_person"), type_="foreignkey")
        batch.drop_column("team_id")
        batch.drop_column("revoked_by_id")
        batch.alter_column("person_id", existing_type=RowId, nullable=False)
    op.drop_column("grade", "adjustment_points")
    op.drop_column("assignment", "is_team_work")
    for table in (*reversed(FIXED), "grade_adjustment", "team_member", "team"):
        op.drop_table(table)
