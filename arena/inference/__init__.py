"""Models that answer: one protocol, its implementations, and what the arena does with replies.

backend           the protocol `ChatBackend`, requests and stream events
pool              all models of a catalog; pool_building makes it from rows
scripted_backend  fixed replies, for demos and tests
remote            any OpenAI-compatible server
engines           engine processes on this machine, supervised
placement         which model fits on which device; pure arithmetic
lifecycle         which models are in memory when not all fit
pacing            what may be shown of each reply, so that speed gives no model away
"""
