"""The sentence encoder learns a place's own language: pairs from history and duties, a few careful epochs, a proof.

`tune` is the door. torch and sentence-transformers are needed to tune, never to serve what was tuned.
"""
