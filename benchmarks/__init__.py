"""Measurements of the library, run by hand: ``python -m benchmarks.quality``, ``.speed``, ``.cold``. See the README."""
