"""The weights that stand in for history: ``python -m benchmarks.cold`` fits them anew on the invented cases."""
