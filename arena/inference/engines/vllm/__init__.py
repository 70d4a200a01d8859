"""vLLM as an engine: started from an environment of its own, watched and ended like ours.

arguments  a catalog row and its placement as options of `vllm serve`
log_lines  what its log says of its progress and of its failures
process    one run of it: health, memory, the kind of its end
command    how the supervisor starts it
guard      a small parent of it, with which it outlives neither the arena nor its own end
"""
