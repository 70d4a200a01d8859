"""The life of a battle up to its vote: drawn, generated, shown, voted on, revealed."""
