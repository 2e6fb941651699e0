"""What each piece of the heads is worth, and what pieces that were tried and left out would add."""
