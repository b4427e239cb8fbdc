"""Find the appointment of a session without reading all of them: the index of sessions is thrown away row by row."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """From the first schema to the second."""
    op.create_index(op.f("ix_appointments_session_id"), "appointments", ["session_id"], unique=False)
