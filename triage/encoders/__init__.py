"""Texts become matrices here: by their wording (`lexical`) and by their meaning (`sentence`), side by side by default.

`install` builds the folder that `sentence` reads; nothing here is loaded before it is used.
"""
