"""What every page shares: markup, texts and the theme."""
