"""Companies, particulars of an enrolment, and completion: rules in versions, entered facts, decisions."""

import sqlalchemy as sa
from alembic import op

from hub.portal.models.base import RowId, UTCDateTime

revision = "0006"
down_revision = "0005"

#: What was entered and what was decided never change: an appeal or a revocation is a new row.
FIXED = ("completion_input", "completion_decision")
STATES = (
    *("applied", "selected", "admitted", "in_progress"),
    *("completed", "not_completed", "withdrawn", "expelled", "early_employed"),
)


def is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def refers(table: str, column: str, target: str, *, nullable: bool = False) -> sa.Column[int]:
    """A column that refers to the id of ``target`` and never lets it go."""
    name = f"fk_{table}_{column}_{target}"
    return sa.Column(column, RowId, sa.ForeignKey(f"{target}.id", name=name, ondelete="RESTRICT"), nullable=nullable)


def one_of(column: str, name: str, *values: str, nullable: bool = False) -> sa.Column[str]:
    kind = sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)
    return sa.Column(column, kind, nullable=nullable)


def row_id(table: str) -> tuple[sa.Column[int], sa.PrimaryKeyConstraint]:
    return sa.Column("id", RowId, nullable=False), sa.PrimaryKeyConstraint("id", name=f"pk_{table}")


def index(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(f"ix_{table}_{column}", table, [column])


def upgrade() -> None:
    create_companies()
    create_rules()
    create_inputs()
    create_decisions()
    for table in FIXED:
        body = f"BEGIN SELECT RAISE(ABORT, 'rows of {table} never change'); END"
        if is_postgresql():
            body = "EXECUTE FUNCTION refuse_change()"
        op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} FOR EACH ROW {body}")


def create_companies() -> None:
    op.create_table(
        "company",
        *row_id("company"),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("business_number", sa.String(10), nullable=True),
        one_of("size", "companysize", "small_or_medium", "mid_sized", "large", nullable=True),
        sa.Column("region", sa.String(20), nullable=True),
        sa.Column("is_supported", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.UniqueConstraint("business_number", name="uq_company_business_number"),
    )
    index("company", "name")
    op.create_table(
        "enrolment_particulars",
        refers("enrolment_particulars", "enrolment_id", "enrolment"),
        refers("enrolment_particulars", "university_id", "university"),
        refers("enrolment_particulars", "company_id", "company", nullable=True),
        sa.Column("work_region", sa.String(20), nullable=True),
        sa.Column("home_region", sa.String(20), nullable=True),
        sa.PrimaryKeyConstraint("enrolment_id", name="pk_enrolment_particulars"),
    )
    index("enrolment_particulars", "company_id", "university_id")


def create_rules() -> None:
    op.create_table(
        "completion_rule",
        *row_id("completion_rule"),
        refers("completion_rule", "cohort_id", "cohort"),
        refers("completion_rule", "university_id", "university"),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        refers("completion_rule", "made_by_id", "person"),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        refers("completion_rule", "activated_by_id", "person", nullable=True),
        sa.Column("activated_at", UTCDateTime(), nullable=True),
        sa.UniqueConstraint("cohort_id", "number", name="uq_completion_rule_cohort_id_number"),
    )
    index("completion_rule", "cohort_id", "university_id")


def create_inputs() -> None:
    op.create_table(
        "completion_input",
        *row_id("completion_input"),
        refers("completion_input", "enrolment_id", "enrolment"),
        refers("completion_input", "university_id", "university"),
        sa.Column("facts", sa.JSON(), nullable=False),
        refers("completion_input", "made_by_id", "person"),
        sa.Column("made_at", UTCDateTime(), nullable=False),
    )
    index("completion_input", "enrolment_id", "university_id")


def create_decisions() -> None:
    op.create_table(
        "completion_decision",
        *row_id("completion_decision"),
        refers("completion_decision", "enrolment_id", "enrolment"),
        refers("completion_decision", "university_id", "university"),
        refers("completion_decision", "rule_id", "completion_rule"),
        one_of("kind", "decisionkind", "confirmed", "appeal", "revoked"),
        one_of("outcome", "outcome", *STATES),
        one_of("proposed", "proposed", *STATES, nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("finding", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        refers("completion_decision", "made_by_id", "person"),
        sa.Column("made_at", UTCDateTime(), nullable=False),
    )
    index("completion_decision", "enrolment_id", "made_by_id", "rule_id", "university_id")


def downgrade() -> None:
    for table in FIXED:
        op.execute(f"DROP TRIGGER {table}_no_update{f' ON {table}' if is_postgresql() else ''}")
    for table in ("completion_decision", "completion_input", "completion_rule", "enrolment_particulars", "company"):
        op.drop_table(table)
