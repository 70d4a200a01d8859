"""The leaderboard's templates."""

from arena.web.common.templates import Templates

rendered = Templates("arena.web.leaderboard").rendered
