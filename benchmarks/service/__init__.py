"""The service under load, its start and its memory, beside a plain endpoint that calls the library."""
