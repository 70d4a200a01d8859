"""How the annotators of a campaign judge, and who is left out for it."""
