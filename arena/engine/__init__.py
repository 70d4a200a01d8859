"""A process that serves one local model over the OpenAI protocol; the only importer of torch.

hub        the model's files, downloaded before anything is loaded
loading    weights, tokenizer and devices
assembly   from a row to a model that generates
batching   many requests at the same time: continuous, or dynamic where that is impossible
decoding   token ids to whole characters, up to a stop string
service    state of the engine, admission and checks of requests
protocol   HTTP: routes, streams and errors
"""
