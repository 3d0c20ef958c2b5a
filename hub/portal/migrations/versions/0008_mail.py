"""Mail as rows: what is to be sent and was sent, and what people do not want."""

import sqlalchemy as sa
from alembic import op

from hub.portal.models.base import RowId, UTCDateTime

revision = "0008"
down_revision = "0007"

STATES = ("waiting", "sending", "sent", "failed", "lost", "dropped")


def refers(table: str) -> sa.Column[int]:
    name = f"fk_{table}_person_id_person"
    return sa.Column("person_id", RowId, sa.ForeignKey("person.id", name=name, ondelete="RESTRICT"), nullable=False)


def upgrade() -> None:
    state = sa.Enum(*STATES, name="mailstate", native_enum=False, create_constraint=True, length=40)
    op.create_table(
        "mail_message",
        sa.Column("id", RowId, nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("cause", sa.String(120), nullable=False),
        refers("mail_message"),
        sa.Column("context", sa.JSON(), nullable=False),
        sa.Column("state", state, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("next_try_at", UTCDateTime(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("problem", sa.String(200), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_mail_message"),
        sa.UniqueConstraint("kind", "person_id", "cause", name="uq_mail_message_kind_person_id_cause"),
    )
    op.create_index("ix_mail_message_person_id", "mail_message", ["person_id"])
    op.create_index("ix_mail_message_due", "mail_message", ["state", "next_try_at"])
    op.create_table(
        "mail_refusal",
        refers("mail_refusal"),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("since", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "kind", name="pk_mail_refusal"),
    )


def downgrade() -> None:
    op.drop_table("mail_refusal")
    op.drop_table("mail_message")
