"""Which of many unlabelled texts to label next, and the sheet to label them in."""
