"""How the tables came to be, step by step: Alembic scripts, run by `service.store.migrate`."""
