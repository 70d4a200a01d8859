"""Two tiny trained checkpoints and everything that makes them; nothing imports this at run time."""
