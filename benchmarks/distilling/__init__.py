"""What a student of the sentence encoder loses in quality, and how much faster it is."""
