"""Run by Alembic: migrates over the connection that is handed to it, and over nothing else."""

from alembic import context

from emscontrol.clinic.tables.schema import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
