"""The processes of `triage serve`: one that watches, generations that share a model loaded once, and the worker."""
