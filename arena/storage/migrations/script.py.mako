"""${message}"""

from alembic import op

from arena.storage.objects import drop_objects

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    drop_objects(op.get_bind())
    ${upgrades if upgrades else "pass"}
