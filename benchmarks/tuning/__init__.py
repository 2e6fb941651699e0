"""What tuning the sentence encoder gains on real cases, and what a smaller student loses."""
