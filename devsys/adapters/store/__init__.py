"""The database: one Store, its tables, its queries, its migrations."""
