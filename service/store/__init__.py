"""The service's memory: suggestions, answers, decisions, jobs, keys, and the trail of who did what."""
