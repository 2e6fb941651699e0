"""The clerk's page in a real browser: how quick it is, what it weighs, and pictures of it."""
