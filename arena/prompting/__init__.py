"""Prompt formats: how a conversation becomes the one string that a model completes."""
