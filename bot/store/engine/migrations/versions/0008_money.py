"""Money: what was passed down, lists and what let them go, what the bank answered, forms of banks."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# SQLite numbers rows by itself only in a column of exactly INTEGER.
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

FACTS = (
    "money_files",
    "money_grants",
    "money_lists",
    "money_lines",
    "money_approvals",
    "money_answers",
    "bank_forms",
)


def upgrade() -> None:
    op.create_table(
        "money_files",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("rows", NUMBER, nullable=False),
        sa.Column("doubts", sa.Text(), nullable=False),
        sa.Column("decision_id", NUMBER, nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["decision_id"], ["decisions.id"], name=op.f("fk_money_files_decision_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_money_files")),
    )
    op.create_index(
        op.f("ix_money_files_campaign_kind_digest"), "money_files", ["campaign", "kind", "digest"], unique=False
    )
    op.create_table(
        "money_grants",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("file_id", NUMBER, nullable=False),
        sa.Column("row", NUMBER, nullable=False),
        sa.Column("paper", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("amount", NUMBER, nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["money_files.id"], name=op.f("fk_money_grants_file_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_money_grants")),
    )
    op.create_index(op.f("ix_money_grants_campaign_id"), "money_grants", ["campaign", "id"], unique=False)
    op.create_table(
        "money_lists",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("batch", NUMBER, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("file_id", NUMBER, nullable=True),
        sa.Column("decision_id", NUMBER, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["money_files.id"], name=op.f("fk_money_lists_file_id")),
        sa.ForeignKeyConstraint(["decision_id"], ["decisions.id"], name=op.f("fk_money_lists_decision_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_money_lists")),
    )
    op.create_index(op.f("ix_money_lists_campaign_id"), "money_lists", ["campaign", "id"], unique=False)
    op.create_table(
        "money_lines",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("list_id", NUMBER, nullable=False),
        sa.Column("row", NUMBER, nullable=False),
        sa.Column("case_code", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("account_key", sa.Text(), nullable=False),
        sa.Column("amount", NUMBER, nullable=False),
        sa.ForeignKeyConstraint(["list_id"], ["money_lists.id"], name=op.f("fk_money_lines_list_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_money_lines")),
        sa.UniqueConstraint("list_id", "case_code", name=op.f("uq_money_lines_list_id_case_code")),
    )
    op.create_index(op.f("ix_money_lines_case_code"), "money_lines", ["case_code"], unique=False)
    op.create_table(
        "money_approvals",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("list_id", NUMBER, nullable=False),
        sa.Column("batch", NUMBER, nullable=False),
        sa.Column("attempt", NUMBER, nullable=False),
        sa.Column("approved", NUMBER, nullable=False),
        sa.Column("paper", sa.Text(), nullable=False),
        sa.Column("decision_id", NUMBER, nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["list_id"], ["money_lists.id"], name=op.f("fk_money_approvals_list_id")),
        sa.ForeignKeyConstraint(["decision_id"], ["decisions.id"], name=op.f("fk_money_approvals_decision_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_money_approvals")),
        sa.UniqueConstraint("list_id", name=op.f("uq_money_approvals_list_id")),
        sa.UniqueConstraint(
            "campaign", "batch", "attempt", name=op.f("uq_money_approvals_campaign_batch_attempt")
        ),
    )
    op.create_table(
        "money_answers",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("line_id", NUMBER, nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("to_do", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("file_id", NUMBER, nullable=False),
        sa.Column("row", NUMBER, nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["line_id"], ["money_lines.id"], name=op.f("fk_money_answers_line_id")),
        sa.ForeignKeyConstraint(["file_id"], ["money_files.id"], name=op.f("fk_money_answers_file_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_money_answers")),
        sa.UniqueConstraint("line_id", "result", "serial", name=op.f("uq_money_answers_line_id_result_serial")),
    )
    op.create_index(op.f("ix_money_answers_file_id"), "money_answers", ["file_id"], unique=False)
    op.create_table(
        "bank_forms",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("decision_id", NUMBER, nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["decision_id"], ["decisions.id"], name=op.f("fk_bank_forms_decision_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_forms")),
    )
    op.create_index(op.f("ix_bank_forms_campaign_key_id"), "bank_forms", ["campaign", "key", "id"], unique=False)
    told = "is append-only: add a row that corrects, never change or delete one"
    if op.get_bind().dialect.name == "sqlite":
        for table in FACTS:
            for change in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_refuses_{change.lower()} BEFORE {change} ON {table} BEGIN"
                    f" SELECT RAISE(ABORT, '{table} {told}'); END"
                )
        return
    for table in FACTS:
        op.execute(
            f"CREATE TRIGGER {table}_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
