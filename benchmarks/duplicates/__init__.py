"""Measurements of the duplicate index: ``python -m benchmarks.duplicates.scale``."""
