"""Speed tables for `make bench`. They compare within one run and are never asserted on time."""
