"""How well the return risk tells wrong leads, which stand in for returns: ``python -m benchmarks.returns``."""
