"""The leaderboard: its page, its address, its tabs and its figures."""
