"""A keyed hash chain over votes and their revisions: written with each, checked on request."""
