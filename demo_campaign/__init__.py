"""A campaign from nothing to a figure, with simulated annotators; no part of the product."""
