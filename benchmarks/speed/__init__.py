"""How fast answers come and what they need: ``python -m benchmarks.speed``."""
