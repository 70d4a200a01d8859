"""The leaderboard as HTML, a module for each part of the page.

Every text that comes from outside passes through `escape`; numbers alone become widths.
"""
