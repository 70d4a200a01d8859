"""The win rate figure of a leaderboard as SVG, PNG and PDF."""
