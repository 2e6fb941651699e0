"""Learning: from cases and a catalogue to a model, and how good it is."""
