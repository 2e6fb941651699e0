"""What repeats what: ``python -m benchmarks.duplicates``; how fast the nearest are found: ``….duplicates.scale``."""
