"""Parsers of vote sets as others publish or export them, a module a shape."""
