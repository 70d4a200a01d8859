"""How tokens are generated for many requests at once."""
