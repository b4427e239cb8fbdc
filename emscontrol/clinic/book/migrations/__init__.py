"""Alembic's folder: `env` is run by it, `versions` has one file a schema."""
