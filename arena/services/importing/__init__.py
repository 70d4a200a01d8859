"""Files of other arenas as votes: a module a format, all of which yield the same neutral rows.

`files` turns bytes into records, `fields` checks their cells, `arena_votes`, `llmfao`, `mt_bench`
and `fastchat` know one format each, `repeats` compares the votes of a file with each other.
`arena.services.importing.imports` stores what they give.
"""
