"""What the files of a checkpoint say about its model, read without torch and the network."""
