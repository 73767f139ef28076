"""A reply keeps the cells of the form or of the row of a workbook it came as."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("replies", sa.Column("stated", sa.Text(), nullable=False, server_default=sa.text("''")))
