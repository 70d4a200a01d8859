"""Use cases: what people do with the arena, with the rights checked here."""
