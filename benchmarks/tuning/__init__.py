"""What tuning the sentence encoder gains on real cases."""
