"""Registry: which of several bundles answers, what it was compared with before, and the way back.

`ModelRegistry` (`folder`) is a folder of bundles with a `Register` (`register`) of what was put into use. `compare`
sets two models side by side on the same cases; `gate` says what speaks against a change; `card` describes a bundle for
people.
"""
