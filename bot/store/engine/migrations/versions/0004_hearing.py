"""What robots hear: messages as they came, who a person or a chat is, what became of the answers, and what waits."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# SQLite numbers rows by itself only in a column of exactly INTEGER.
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

FACTS = ("heard", "ties", "answer_events")


def upgrade() -> None:
    op.create_table(
        "heard",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("sender_id", sa.Text(), nullable=False),
        sa.Column("sender_name", sa.Text(), nullable=False),
        sa.Column("chat", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("way_back", sa.Text(), nullable=False),
        sa.Column("answer_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_heard")),
        sa.UniqueConstraint("channel", "message_id", name=op.f("uq_heard_channel_message_id")),
    )
    op.create_index(op.f("ix_heard_channel_sender_id"), "heard", ["channel", "sender_id"], unique=False)
    op.create_table(
        "ties",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("platform_id", sa.Text(), nullable=False),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("decision_id", NUMBER, nullable=False),
        sa.Column("tied_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["decision_id"], ["decisions.id"], name=op.f("fk_ties_decision_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ties")),
    )
    op.create_index(op.f("ix_ties_channel_platform_id"), "ties", ["channel", "platform_id"], unique=False)
    op.create_table(
        "answer_events",
        sa.Column("heard_id", NUMBER, nullable=False),
        sa.Column("seq", NUMBER, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["heard_id"], ["heard.id"], name=op.f("fk_answer_events_heard_id")),
        sa.PrimaryKeyConstraint("heard_id", "seq", name=op.f("pk_answer_events")),
    )
    op.create_table(
        "inbox",
        sa.Column("heard_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("sender_id", sa.Text(), nullable=False),
        sa.Column("chat", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["heard_id"], ["heard.id"], name=op.f("fk_inbox_heard_id")),
        sa.PrimaryKeyConstraint("heard_id", "stage", name=op.f("pk_inbox")),
    )
    op.create_index(op.f("ix_inbox_stage_next_at"), "inbox", ["stage", "next_at"], unique=False)
    op.create_index(op.f("ix_inbox_channel_sender_id"), "inbox", ["channel", "sender_id"], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        for table in FACTS:
            for change in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_refuses_{change.lower()} BEFORE {change} ON {table} BEGIN"
                    f" SELECT RAISE(ABORT, '{table} is append-only: add a row that corrects, never change or delete one');"
                    " END"
                )
        return
    for table in FACTS:
        op.execute(
            f"CREATE TRIGGER {table}_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
