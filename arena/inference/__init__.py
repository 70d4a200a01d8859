"""Models that answer: the backend protocol, its implementations, pacing, pool and supervisor."""
