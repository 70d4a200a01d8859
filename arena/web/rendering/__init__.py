"""Answers and prompts as safe HTML: pure functions of the text."""
