"""The outer world: the database."""
