"""Does the audit of labels find errors that were planted in a real session?"""
