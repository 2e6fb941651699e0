"""Whether recent texts are still like those that a model learned from, with a verdict in words."""
