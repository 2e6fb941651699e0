"""The service killed at random moments while callers write: what was acknowledged has to be there."""
