"""What annotators do in a campaign: they join, are given items, and judge them."""
