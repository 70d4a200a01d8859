"""Outputs of a running request cost the same however long it is."""

from typing import Any

import torch
from transformers.generation.continuous_batching.requests import RequestState, RequestStatus

from arena.engine.batching.broken_logits import BROKEN, end_broken
from arena.engine.batching.streamed_request import StreamedRequest


def request_of(prompt: list[int]) -> StreamedRequest:
    request = StreamedRequest("request-1", prompt, streaming=True, max_new_tokens=4)
    request.status = RequestStatus.DECODING
    return request


def test_an_output_shares_the_tokens_of_its_request() -> None:
    request = request_of([7, 8])
    request.update_and_check_completion(10, None)
    first = request.to_generation_output()
    request.update_and_check_completion(11, None)
    assert first.generated_tokens is request.to_generation_output().generated_tokens
    assert first.generated_tokens == [10, 11]
    assert not first.is_finished()


def test_an_output_says_what_the_managers_own_says() -> None:
    request = request_of([7, 8])
    for token in (10, 11, 12, 13):
        request.update_and_check_completion(token, None)
    request.error = "a reason"
    ours, theirs = request.to_generation_output(), RequestState.to_generation_output(request)  # type: ignore[no-untyped-call]
    assert ours == theirs
    assert ours.is_finished()


def test_the_word_of_chance_of_a_broken_row_reaches_no_output_before_the_error() -> None:
    request = request_of([7, 8])
    request.update_and_check_completion(10, None)
    shown = request.to_generation_output()
    end_broken([request], torch.tensor([False]))
    assert request.update_and_check_completion(99, None)
    assert shown.generated_tokens == [10]
    assert request.to_generation_output().error == BROKEN


def test_a_request_that_was_pushed_out_of_the_cache_still_gives_all_its_tokens() -> None:
    request = request_of([7, 8])
    request.update_and_check_completion(10, None)
    again = request.create_equivalent_initial_request()
    again.status = RequestStatus.DECODING
    again.update_and_check_completion(11, None)
    output: Any = again.to_generation_output()  # type: ignore[no-untyped-call]
    assert output.generated_tokens == [10, 11]
