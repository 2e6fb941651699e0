"""Learning the small models of the pre-check from our own labelled texts: ``python -m triage.learning.prechecking``.

Roles of sentences, learned tags, levels and reasons of urgency are logistic regressions with a ridge, over hashed runs
of characters and a few features; borders between matters, and what between them is a matter, are told by boosted trees.
Thresholds are chosen on texts that a model has not seen (cross-validated by text), so that what is tagged is right as
often as promised.
"""
