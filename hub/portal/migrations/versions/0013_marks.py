"""Grading by hand: marks in revisions that never change, rubrics, how an assignment is graded; the way to the next."""

import sqlalchemy as sa
from alembic import op

from hub.portal.models.base import RowId, UTCDateTime

revision = "0013"
down_revision = "0012"


def is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def refers(table: str, column: str, target: str) -> sa.Column[int]:
    name = f"fk_{table}_{column}_{target}"
    return sa.Column(column, RowId, sa.ForeignKey(f"{target}.id", name=name, ondelete="RESTRICT"), nullable=False)


def upgrade() -> None:
    create_marks()
    create_rubrics()
    op.create_table(
        "manual_grading",
        refers("manual_grading", "assignment_id", "assignment"),
        refers("manual_grading", "university_id", "university"),
        sa.Column("is_anonymous", sa.Boolean(), nullable=False),
        sa.Column("has_second_reader", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("assignment_id", name="pk_manual_grading"),
    )
    op.create_index("ix_manual_grading_university_id", "manual_grading", ["university_id"])
    op.create_index("ix_grade_manual", "grade", ["assignment_id", "needs_manual", "attempt_id"])


def create_marks() -> None:
    part = sa.Enum("first", "second", "agreed", name="markpart", native_enum=False, create_constraint=True, length=40)
    op.create_table(
        "manual_mark",
        sa.Column("id", RowId, nullable=False),
        refers("manual_mark", "attempt_id", "attempt"),
        refers("manual_mark", "university_id", "university"),
        sa.Column("notebook", sa.String(400), nullable=False),
        sa.Column("grade_id", sa.String(200), nullable=False),
        sa.Column("part", part, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("points", sa.Double(), nullable=True),
        sa.Column("max_points", sa.Double(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("rubric", sa.JSON(), nullable=False),
        refers("manual_mark", "made_by_id", "person"),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_manual_mark"),
        sa.UniqueConstraint(
            *("attempt_id", "notebook", "grade_id", "part", "revision"),
            name="uq_manual_mark_attempt_id_notebook_grade_id_part_revision",
        ),
        sa.CheckConstraint("revision > 0", name="ck_manual_mark_revision_positive"),
        sa.CheckConstraint("points IS NULL OR points >= 0", name="ck_manual_mark_points_positive"),
    )
    for column in ("university_id", "made_by_id"):
        op.create_index(f"ix_manual_mark_{column}", "manual_mark", [column])
    body = "BEGIN SELECT RAISE(ABORT, 'rows of manual_mark never change'); END"
    if is_postgresql():
        body = "EXECUTE FUNCTION refuse_change()"
    op.execute(f"CREATE TRIGGER manual_mark_no_update BEFORE UPDATE ON manual_mark FOR EACH ROW {body}")


def create_rubrics() -> None:
    op.create_table(
        "rubric_item",
        sa.Column("id", RowId, nullable=False),
        refers("rubric_item", "assignment_id", "assignment"),
        refers("rubric_item", "university_id", "university"),
        sa.Column("notebook", sa.String(400), nullable=False),
        sa.Column("grade_id", sa.String(200), nullable=False),
        sa.Column("label", sa.String(300), nullable=False),
        sa.Column("points", sa.Double(), nullable=False),
        refers("rubric_item", "made_by_id", "person"),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("archived_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_rubric_item"),
    )
    op.create_index("ix_rubric_item_university_id", "rubric_item", ["university_id"])
    op.create_index("ix_rubric_item_cell", "rubric_item", ["assignment_id", "notebook", "grade_id"])


def downgrade() -> None:
    op.drop_index("ix_grade_manual", "grade")
    op.execute(f"DROP TRIGGER manual_mark_no_update{' ON manual_mark' if is_postgresql() else ''}")
    for table in ("manual_grading", "rubric_item", "manual_mark"):
        op.drop_table(table)
