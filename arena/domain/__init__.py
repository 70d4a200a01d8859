"""The words and rules of the product, in the standard library alone."""
