"""A smaller sentence encoder learns to give the vectors of a larger one: several times as fast, and nearly as good.

`distil` is the door. It reads Chinese of any kind and no label; torch and sentence-transformers are needed to learn,
never to serve what was learned.
"""
