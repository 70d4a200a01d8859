"""Style of replies: what of their form is counted, once for each.

The table starts empty. Whoever migrates fills it by the rules of the installed version, as outcomes.
"""

import sqlalchemy as sa
from alembic import op

from arena.storage.objects import drop_objects

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

FEATURES = ("characters", "tokens", "headings", "lists", "bold", "code", "emoji")


def upgrade() -> None:
    """Add the table."""
    drop_objects(op.get_bind())
    op.create_table(
        "reply_styles",
        sa.Column("reply_id", sa.Integer(), nullable=False),
        *(sa.Column(feature, sa.Integer(), nullable=False) for feature in FEATURES),
        sa.PrimaryKeyConstraint("reply_id", name="pk_reply_styles"),
        sa.ForeignKeyConstraint(["reply_id"], ["replies.id"], name="fk_reply_styles_reply_id"),
    )
