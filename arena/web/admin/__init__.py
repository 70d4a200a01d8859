"""The admin page and its downloads."""
