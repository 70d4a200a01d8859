"""The page and the file of a board that was frozen under a number."""
