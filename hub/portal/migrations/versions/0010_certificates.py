"""Certificates: terms, register and events; exports with their reasons."""

import sqlalchemy as sa
from alembic import op

from hub.portal.models.base import RowId, UTCDateTime

revision = "0010"
down_revision = "0009"

#: The register and what became of its lines: facts that nobody changes or removes.
APPENDED = ("certificate", "certificate_event")
KINDS = ("report", "completions", "enrolments", "kpi", "register", "certificates", "evidence")


def is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def refers(table: str, column: str, target: str, *, nullable: bool = False) -> sa.Column[int]:
    """A column that refers to the id of ``target`` and never lets it go."""
    name = f"fk_{table}_{column}_{target}"
    return sa.Column(column, RowId, sa.ForeignKey(f"{target}.id", name=name, ondelete="RESTRICT"), nullable=nullable)


def one_of(column: str, name: str, *values: str) -> sa.Column[str]:
    kind = sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)
    return sa.Column(column, kind, nullable=False)


def row_id(table: str) -> tuple[sa.Column[int], sa.PrimaryKeyConstraint]:
    return sa.Column("id", RowId, nullable=False), sa.PrimaryKeyConstraint("id", name=f"pk_{table}")


def index(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(f"ix_{table}_{column}", table, [column])


def upgrade() -> None:
    create_terms()
    create_register()
    create_events()
    create_exports()
    for table in APPENDED:
        for event in ("UPDATE", "DELETE"):
            body = f"BEGIN SELECT RAISE(ABORT, 'rows of {table} never change'); END"
            if is_postgresql():
                body = "EXECUTE FUNCTION refuse_change()"
            op.execute(f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table} FOR EACH ROW {body}")
        if is_postgresql():
            op.execute(f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} EXECUTE FUNCTION refuse_change()")


def create_terms() -> None:
    op.create_table(
        "certificate_terms",
        refers("certificate_terms", "cohort_id", "cohort"),
        refers("certificate_terms", "university_id", "university"),
        sa.Column("terms", sa.JSON(), nullable=False),
        refers("certificate_terms", "made_by_id", "person"),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("cohort_id", name="pk_certificate_terms"),
    )
    index("certificate_terms", "university_id")


def create_register() -> None:
    op.create_table(
        "certificate",
        *row_id("certificate"),
        refers("certificate", "programme_id", "programme"),
        refers("certificate", "university_id", "university"),
        refers("certificate", "enrolment_id", "enrolment"),
        refers("certificate", "person_id", "person"),
        refers("certificate", "decision_id", "completion_decision"),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("serial", sa.String(40), nullable=False),
        sa.Column("code", sa.String(24), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.UniqueConstraint("decision_id", name="uq_certificate_decision_id"),
        sa.UniqueConstraint("serial", name="uq_certificate_serial"),
        sa.UniqueConstraint("code", name="uq_certificate_code"),
        sa.UniqueConstraint("programme_id", "year", "number", name="uq_certificate_programme_id_year_number"),
    )
    index("certificate", "programme_id", "university_id", "enrolment_id", "person_id")


def create_events() -> None:
    op.create_table(
        "certificate_event",
        *row_id("certificate_event"),
        refers("certificate_event", "certificate_id", "certificate"),
        refers("certificate_event", "university_id", "university"),
        one_of("deed", "certificatedeed", "issued", "reissued", "revoked"),
        sa.Column("issue_number", sa.Integer(), nullable=True),
        sa.Column("content", sa.JSON(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        refers("certificate_event", "made_by_id", "person"),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.UniqueConstraint(
            "certificate_id", "issue_number", name="uq_certificate_event_certificate_id_issue_number"
        ),
        sa.CheckConstraint(
            "(deed = 'revoked') = (issue_number IS NULL) AND (deed = 'issued' OR reason IS NOT NULL)",
            name="ck_certificate_event_complete",
        ),
    )
    index("certificate_event", "certificate_id", "university_id")
    only = sa.text("deed = 'revoked'")
    op.create_index(
        *("uq_certificate_event_revoked", "certificate_event", ["certificate_id"]),
        unique=True,
        sqlite_where=only,
        postgresql_where=only,
    )


def create_exports() -> None:
    op.create_table(
        "export",
        *row_id("export"),
        refers("export", "job_id", "job"),
        one_of("kind", "exportkind", *KINDS),
        refers("export", "programme_id", "programme"),
        refers("export", "cohort_id", "cohort", nullable=True),
        refers("export", "university_id", "university", nullable=True),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        refers("export", "asked_by_id", "person"),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("file_name", sa.String(200), nullable=True),
        sa.Column("digest", sa.String(64), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("people", sa.Integer(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("made_at", UTCDateTime(), nullable=True),
        sa.Column("expires_at", UTCDateTime(), nullable=True),
        sa.Column("downloads", sa.Integer(), nullable=False),
        sa.UniqueConstraint("job_id", name="uq_export_job_id"),
    )
    index("export", "programme_id", "cohort_id", "university_id", "asked_by_id", "expires_at")


def downgrade() -> None:
    for table in APPENDED:
        for event in ("update", "delete", *(("truncate",) if is_postgresql() else ())):
            op.execute(f"DROP TRIGGER {table}_no_{event}{f' ON {table}' if is_postgresql() else ''}")
    for table in ("export", "certificate_event", "certificate", "certificate_terms"):
        op.drop_table(table)
