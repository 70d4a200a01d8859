"""A request whose outputs are read while it runs."""

from transformers.generation.continuous_batching.requests import GenerationOutput, RequestState


class StreamedRequest(RequestState):
    """The manager's own, without a copy of all its tokens in every step for each output.

    They are shared instead: a list that only grows, at its end, in the manager's thread. So an
    output may hold tokens of later ones already, and never fewer than its own.
    """

    def to_generation_output(self) -> GenerationOutput:
        """Return what there is so far.

        A request that was pushed out of the cache comes back as one of the manager's own class.
        """
        return GenerationOutput(
            request_id=self.request_id,
            prompt_ids=self.initial_tokens,
            generated_tokens=self.generated_tokens,
            error=self.error,
            status=self.status,
            created_time=self.created_time,
            lifespan=self.lifespan,
        )
