"""What a report reads besides its board: who voted on what, and the texts to screen."""
