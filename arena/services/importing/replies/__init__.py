"""Replies that models gave elsewhere: a module a format, all of which yield the same rows."""
