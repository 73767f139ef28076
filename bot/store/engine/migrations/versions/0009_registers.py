"""Registers: files that came in, marks of cases, sealed texts of persons and accounts, and the keys they are sealed with."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# SQLite numbers rows by itself only in a column of exactly INTEGER.
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

FACTS = ("filings", "filing_rows", "marks", "holders")


def upgrade() -> None:
    op.create_table(
        "filings",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("register", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("sheet", sa.Text(), nullable=False),
        sa.Column("rows", NUMBER, nullable=False),
        sa.Column("as_of", sa.Date(), nullable=True),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", NUMBER, nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.Column("findings", sa.Text(), nullable=False),
        sa.Column("decision_id", NUMBER, nullable=False),
        sa.ForeignKeyConstraint(["decision_id"], ["decisions.id"], name=op.f("fk_filings_decision_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_filings")),
    )
    op.create_index(op.f("ix_filings_campaign_id"), "filings", ["campaign", "id"], unique=False)
    op.create_index(op.f("ix_filings_campaign_kind_digest"), "filings", ["campaign", "kind", "digest"], unique=False)
    op.create_table(
        "filing_rows",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("filing_id", NUMBER, nullable=False),
        sa.Column("row", NUMBER, nullable=False),
        sa.Column("case_code", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["filing_id"], ["filings.id"], name=op.f("fk_filing_rows_filing_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_filing_rows")),
    )
    op.create_index(op.f("ix_filing_rows_filing_id_row"), "filing_rows", ["filing_id", "row"], unique=False)
    op.create_table(
        "marks",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("register", sa.Text(), nullable=False),
        sa.Column("case_code", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("mouth", sa.Text(), nullable=False),
        sa.Column("filing_row_id", NUMBER, nullable=True),
        sa.Column("reply_id", NUMBER, nullable=True),
        sa.Column("decision_id", NUMBER, nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", NUMBER, nullable=False),
        sa.Column("supersedes", NUMBER, nullable=True),
        sa.ForeignKeyConstraint(["filing_row_id"], ["filing_rows.id"], name=op.f("fk_marks_filing_row_id")),
        sa.ForeignKeyConstraint(["reply_id"], ["replies.id"], name=op.f("fk_marks_reply_id")),
        sa.ForeignKeyConstraint(["decision_id"], ["decisions.id"], name=op.f("fk_marks_decision_id")),
        sa.ForeignKeyConstraint(["supersedes"], ["marks.id"], name=op.f("fk_marks_supersedes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marks")),
    )
    op.create_index(op.f("ix_marks_campaign_register_id"), "marks", ["campaign", "register", "id"], unique=False)
    op.create_index(op.f("ix_marks_campaign_case_code"), "marks", ["campaign", "case_code"], unique=False)
    op.create_table(
        "holders",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name_finger", sa.Text(), nullable=False),
        sa.Column("identity_finger", sa.Text(), nullable=False),
        sa.Column("tail", sa.Text(), nullable=False),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holders")),
        sa.UniqueConstraint("campaign", "key", name=op.f("uq_holders_campaign_key")),
    )
    op.create_table(
        "register_keys",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_keys")),
        sa.UniqueConstraint("campaign", name=op.f("uq_register_keys_campaign")),
    )
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
