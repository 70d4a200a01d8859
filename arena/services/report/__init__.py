"""The report of a board: methods, tables and figures, as a page, as LaTeX, and as a data card."""
