"""Makes the two embedded checkpoints: data, tokenizer, training, evaluation, examples.

Development only, not in the wheel: `arena/embedded/` holds what comes out of it.
"""
