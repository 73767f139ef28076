"""What is due, what is over and what no queue is known of, found without looking at everything that waits."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

UNASSIGNED = sa.text("robot = campaign || '/' || group_key")


def upgrade() -> None:
    op.drop_index("ix_outbox_next_at", table_name="outbox")
    op.create_index(
        op.f("ix_outbox_state_next_at_delivery_id"), "outbox", ["state", "next_at", "delivery_id"], unique=False
    )
    op.create_index(
        "ix_outbox_unassigned",
        "outbox",
        ["delivery_id"],
        unique=False,
        sqlite_where=UNASSIGNED,
        postgresql_where=UNASSIGNED,
    )
