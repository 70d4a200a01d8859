"""Template families: each function draws one question with its answer, one module per category."""
