"""The pre-check: what a proposer or the intake office should know of a text before it is handed out.

It tags, explains and asks; it rejects nothing and changes no text.
"""
