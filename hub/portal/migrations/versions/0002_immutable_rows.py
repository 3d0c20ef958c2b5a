"""Rows that are facts stay as they were written: the database itself refuses to change them.

Two lists: rows that may never change or go (logs), and rows that may never change (a retention job may destroy them).
The content of an assignment version is fixed as soon as its check has ended: the check adds what it measured.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

APPENDED = ("audit_event", "enrolment_event")
FIXED = (*APPENDED, "attempt", "attempt_result", "grade_report", "grade_request", "blob", "file_set", "file_set_entry")
#: Columns of an assignment version that make it what it is; its state may change.
VERSION_CONTENT = ("assignment_id", "number", "source_digest", "release_digest", "bundle_digest", "limits")

REFUSE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'rows of % never change', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; END $$
"""


def triggers() -> list[tuple[str, str, str, str]]:
    """Name, table, event and condition of each trigger."""
    content = ", ".join(VERSION_CONTENT)
    checked = "WHEN (OLD.state NOT IN ('staged', 'checking'))"
    return [
        *((f"{table}_no_update", table, "UPDATE", "") for table in FIXED),
        *((f"{table}_no_delete", table, "DELETE", "") for table in APPENDED),
        ("assignment_version_fixed_content", "assignment_version", f"UPDATE OF {content}", checked),
    ]


def is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def upgrade() -> None:
    if is_postgresql():
        op.execute(sa.text(REFUSE.replace(":", r"\:")))
    for name, table, event, condition in triggers():
        body = f"BEGIN SELECT RAISE(ABORT, 'rows of {table} never change'); END"
        if is_postgresql():
            body = "EXECUTE FUNCTION refuse_change()"
        op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW {condition} {body}")
    if is_postgresql():
        for table in APPENDED:
            op.execute(f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} EXECUTE FUNCTION refuse_change()")


def downgrade() -> None:
    for name, table, _event, _condition in triggers():
        op.execute(f"DROP TRIGGER {name} ON {table}" if is_postgresql() else f"DROP TRIGGER {name}")
    if is_postgresql():
        for table in APPENDED:
            op.execute(f"DROP TRIGGER {table}_no_truncate ON {table}")
        op.execute("DROP FUNCTION refuse_change()")
