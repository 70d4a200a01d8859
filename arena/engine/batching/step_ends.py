"""What is read of a step once it has been computed, where the next one is already on its way."""

from typing import Any

from transformers.generation.continuous_batching.requests import RequestStatus

from arena.engine.batching.row_sampler import RowSampler

_OVER = frozenset({RequestStatus.FINISHED, RequestStatus.PENDING})


def watch_step_ends(processor: Any, sampler: RowSampler) -> None:
    """Let the manager's processor end requests without numbers, and leave out those that left.

    A client may have left after its step began: its pages are given to others by now, and the
    manager would look for them, and die.
    """
    ios = processor.inputs_and_outputs
    read = ios.prepare_batch_update

    def prepare_batch_update() -> Any:
        found = read()  # waits for the step
        sampler.settle()
        active = processor.scheduler.active_requests
        for one in found[0]:
            state = one.state
            if state.status not in _OVER and active.get(state.request_id) is not state:
                state.status = RequestStatus.FINISHED
        return found

    ios.prepare_batch_update = prepare_batch_update
