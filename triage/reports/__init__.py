"""The reports that an office writes: counts, lists and sentences, each number with the rows behind it."""
