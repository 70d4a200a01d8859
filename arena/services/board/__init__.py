"""What a leaderboard says: read, counted, computed in a worker process, kept."""
