"""Boards frozen under a number: to be cited, and compared with one another."""
