"""`make gpu`: what only a GPU can tell, in eight minutes and without a network."""
