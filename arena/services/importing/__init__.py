"""Files of other arenas as votes: a parser a format, all of which yield the same neutral rows.

`containers` tells what a file is and turns it into records, `fields` checks their cells, and
`vote_formats` is the table of all formats: how each is recognized, and what parses it.
`arena_votes`, `llmfao`, `mt_bench`, `fastchat` and the modules of `published` know one format each.
`repeats` compares the votes of a file with each other, and
`arena.services.importing.imports` stores what they give.
"""
