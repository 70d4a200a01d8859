"""What a board would say under other choices: computed together, shown as tables."""
