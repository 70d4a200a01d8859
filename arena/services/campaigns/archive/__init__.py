"""A campaign as one file that others can check: written, verified, and read into a database."""
