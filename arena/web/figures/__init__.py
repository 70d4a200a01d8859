"""The figure of a board as a file: what it says, how it is drawn, and its numbers."""
