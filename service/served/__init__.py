"""What answers: the bundle, the duplicate index and the rules of the place, opened and changed while it runs."""
