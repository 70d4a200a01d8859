"""Two tiny trained checkpoints and their example prompts; `demo_models/` makes them."""
