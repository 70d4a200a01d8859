"""Pieces of markup that pages share. Everything they print is escaped."""
