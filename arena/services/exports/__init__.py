"""Tables as files: which columns, in which formats, under whose name."""
