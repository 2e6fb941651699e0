"""Whose ground a letter is about: the finder of areas beside something plain, and what handled letters add."""
