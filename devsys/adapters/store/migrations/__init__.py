"""Alembic migrations; the connection comes from the store."""
