"""The heads: matrices in, probabilities out.

A text is compared once with every reference row (handled cases, duty phrases, topic phrases); each head reads what
it needs from those similarities. See `similarity` for the rows, `lead`, `co` and `topics` for the heads, `promise`
for the decision.
"""
