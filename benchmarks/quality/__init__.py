"""How good the answers are on real data, beside plain baselines: ``python -m benchmarks.quality --data DIR``."""
