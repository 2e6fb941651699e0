"""How well the pre-check reads a text, on labelled texts that it has never learned from."""
