"""A process that serves one local model over the OpenAI protocol; the only importer of torch."""
