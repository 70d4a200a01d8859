"""The tabs of a leaderboard, one module each."""
