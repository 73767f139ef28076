"""One queue per robot: its pace, its switch, and the last step of every open delivery beside the queue it stands in."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("marked", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("deliveries", sa.Column("pages", sa.Text(), nullable=False, server_default=sa.text("''")))
    op.add_column("delivery_events", sa.Column("tries", NUMBER, nullable=False, server_default="0"))
    op.add_column("delivery_events", sa.Column("pages", NUMBER, nullable=False, server_default="0"))
    op.add_column("delivery_events", sa.Column("faults", sa.Text(), nullable=False, server_default=sa.text("''")))
    op.add_column("delivery_events", sa.Column("late", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index(
        "ix_delivery_events_not_sent",
        "delivery_events",
        ["delivery_id", "seq"],
        unique=False,
        sqlite_where=sa.text("state IN ('refused', 'unknown', 'dropped')"),
        postgresql_where=sa.text("state IN ('refused', 'unknown', 'dropped')"),
    )
    open_ones = op.get_bind().execute(
        sa.text(
            "SELECT outbox.delivery_id, outbox.campaign, outbox.group_key, outbox.next_at, last.state, last.seq,"
            " last.attempt FROM outbox JOIN delivery_events AS last ON last.delivery_id = outbox.delivery_id"
            " AND last.seq = (SELECT max(seq) FROM delivery_events WHERE delivery_id = outbox.delivery_id)"
        ).columns(next_at=sa.DateTime(timezone=True))
    ).all()
    op.drop_table("outbox")
    outbox = op.create_table(
        "outbox",
        sa.Column("delivery_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("group_key", sa.Text(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("robot", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("seq", NUMBER, nullable=False),
        sa.Column("begun", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"], name=op.f("fk_outbox_delivery_id")),
        sa.PrimaryKeyConstraint("delivery_id", name=op.f("pk_outbox")),
    )
    for columns in (["campaign", "group_key", "delivery_id"], ["next_at"], ["robot", "delivery_id"]):
        op.create_index(op.f(f"ix_outbox_{'_'.join(columns)}"), "outbox", columns, unique=False)
    if open_ones:
        op.bulk_insert(
            outbox,
            [
                {
                    "delivery_id": row.delivery_id,
                    "campaign": row.campaign,
                    "group_key": row.group_key,
                    "next_at": row.next_at,
                    "robot": f"{row.campaign}/{row.group_key}",
                    "state": row.state,
                    "seq": row.seq,
                    "begun": row.attempt > 0,
                }
                for row in open_ones
            ],
        )
    op.create_table(
        "robots",
        sa.Column("robot", sa.Text(), nullable=False),
        sa.Column("paced_to", sa.DateTime(timezone=True), nullable=False),
        sa.Column("free_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("robot", name=op.f("pk_robots")),
    )
    op.create_table(
        "robot_switches",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("robot", sa.Text(), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("group_key", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("switched_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_robot_switches")),
    )
    op.create_index(op.f("ix_robot_switches_robot_id"), "robot_switches", ["robot", "id"], unique=False)
    told = "robot_switches is append-only: add a row that corrects, never change or delete one"
    if op.get_bind().dialect.name == "sqlite":
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER robot_switches_refuses_{change.lower()} BEFORE {change} ON robot_switches BEGIN"
                f" SELECT RAISE(ABORT, '{told}'); END"
            )
        return
    op.execute(
        "CREATE TRIGGER robot_switches_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON robot_switches"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
