"""What a suggestion repeats: graded pairs, the index they are found in, groups, precedents, conflicts, hot topics."""
