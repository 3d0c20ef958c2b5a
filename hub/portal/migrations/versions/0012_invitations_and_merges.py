"""Invitations by mail, persons found to be one, and the companies of capstone teams.

Attempts stay as they were handed in; whose they are may change along a merge of two persons that is written down, and
back when it is undone. The database itself looks for the merge.
"""

import sqlalchemy as sa
from alembic import op

from hub.portal.models.base import RowId, UTCDateTime

revision = "0012"
down_revision = "0011"


#: What an attempt is, whoever's it is.
CONTENT = {
    "attempt": (
        *("id", "receipt_id", "assignment_id", "version_id", "enrolment_id", "university_id", "number"),
        *("submission_digest", "idempotency_key", "received_at", "warnings"),
    ),
    "attempt_member": ("attempt_id", "enrolment_id", "university_id"),
}
ALONG_A_MERGE = """EXISTS (SELECT 1 FROM person_merge AS m
    WHERE (m.kept_id = NEW.person_id AND m.merged_id = OLD.person_id AND m.undone_at IS NULL)
       OR (m.kept_id = OLD.person_id AND m.merged_id = NEW.person_id AND m.undone_at IS NOT NULL))"""
FOLLOW = f"""
CREATE FUNCTION refuse_change_without_merge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF {ALONG_A_MERGE} THEN RETURN NEW; END IF;
    RAISE EXCEPTION 'rows of % never change', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$
"""


def is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def refers(table: str, column: str, target: str, *, nullable: bool = False) -> sa.Column[int]:
    name = f"fk_{table}_{column}_{target}"
    return sa.Column(column, RowId, sa.ForeignKey(f"{target}.id", name=name, ondelete="RESTRICT"), nullable=nullable)


def index(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(f"ix_{table}_{column}", table, [column])


def one_while(table: str, name: str, column: str, condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, [column], unique=True, sqlite_where=where, postgresql_where=where)


def upgrade() -> None:
    create_invitations()
    create_merges()
    op.create_table(
        "team_company",
        refers("team_company", "team_id", "team"),
        refers("team_company", "company_id", "company"),
        refers("team_company", "university_id", "university"),
        refers("team_company", "set_by_id", "person"),
        sa.Column("set_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("team_id", name="pk_team_company"),
    )
    index("team_company", "company_id", "university_id")
    if is_postgresql():
        op.execute(FOLLOW)
    for table, columns in CONTENT.items():
        drop(f"{table}_no_update", table)
        refuse(f"{table}_no_update", table, f"UPDATE OF {', '.join(columns)}")
        refuse_owner(table)


def refuse(name: str, table: str, event: str) -> None:
    body = f"BEGIN SELECT RAISE(ABORT, 'rows of {table} never change'); END"
    if is_postgresql():
        body = "EXECUTE FUNCTION refuse_change()"
    op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW {body}")


def refuse_owner(table: str) -> None:
    """Hold whose an attempt is, except along a merge."""
    body = f"WHEN NOT {ALONG_A_MERGE} BEGIN SELECT RAISE(ABORT, 'rows of {table} never change'); END"
    if is_postgresql():
        body = "EXECUTE FUNCTION refuse_change_without_merge()"
    op.execute(f"CREATE TRIGGER {table}_owner BEFORE UPDATE OF person_id ON {table} FOR EACH ROW {body}")


def drop(name: str, table: str) -> None:
    op.execute(f"DROP TRIGGER {name}{f' ON {table}' if is_postgresql() else ''}")


def create_invitations() -> None:
    op.create_table(
        "invitation",
        sa.Column("id", RowId, nullable=False),
        refers("invitation", "person_id", "person"),
        refers("invitation", "cohort_id", "cohort"),
        refers("invitation", "university_id", "university"),
        sa.Column("token_digest", sa.String(64), nullable=True),
        sa.Column("sends", sa.Integer(), nullable=False, server_default=sa.text("1")),
        sa.Column("sent_at", UTCDateTime(), nullable=True),
        sa.Column("expires_at", UTCDateTime(), nullable=True),
        sa.Column("used_at", UTCDateTime(), nullable=True),
        sa.Column("revoked_at", UTCDateTime(), nullable=True),
        refers("invitation", "made_by_id", "person", nullable=True),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_invitation"),
        sa.UniqueConstraint("token_digest", name="uq_invitation_token_digest"),
    )
    index("invitation", "person_id", "cohort_id", "university_id")
    one_while("invitation", "uq_invitation_open", "person_id", "used_at IS NULL AND revoked_at IS NULL")


def create_merges() -> None:
    op.create_table(
        "person_merge",
        sa.Column("id", RowId, nullable=False),
        refers("person_merge", "kept_id", "person"),
        refers("person_merge", "merged_id", "person"),
        sa.Column("moved", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        refers("person_merge", "made_by_id", "person"),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        refers("person_merge", "undone_by_id", "person", nullable=True),
        sa.Column("undone_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_person_merge"),
        sa.CheckConstraint("kept_id <> merged_id", name="ck_person_merge_two_people"),
    )
    index("person_merge", "kept_id", "merged_id")
    one_while("person_merge", "uq_person_merge_active", "merged_id", "undone_at IS NULL")
    op.create_table(
        "distinct_people",
        refers("distinct_people", "one_id", "person"),
        refers("distinct_people", "other_id", "person"),
        refers("distinct_people", "made_by_id", "person"),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("one_id", "other_id", name="pk_distinct_people"),
        sa.CheckConstraint("one_id < other_id", name="ck_distinct_people_ordered"),
    )


def downgrade() -> None:
    for table in CONTENT:
        drop(f"{table}_no_update", table)
        drop(f"{table}_owner", table)
        refuse(f"{table}_no_update", table, "UPDATE")
    if is_postgresql():
        op.execute("DROP FUNCTION refuse_change_without_merge()")
    for table in ("team_company", "distinct_people", "person_merge", "invitation"):
        op.drop_table(table)
