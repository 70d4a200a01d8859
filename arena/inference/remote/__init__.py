"""Any OpenAI-compatible server as a `ChatBackend`: requests, streams, errors, readiness."""
