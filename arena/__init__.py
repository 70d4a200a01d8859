"""Arena: a self-hosted, blind, side-by-side arena for language models."""

__version__ = "0.2.0"
