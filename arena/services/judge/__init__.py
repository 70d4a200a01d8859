"""Verdicts of a judge that is no person, beside those of people and never among them."""
