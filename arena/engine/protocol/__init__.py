"""The OpenAI protocol over HTTP: requests, responses, errors and streams."""
