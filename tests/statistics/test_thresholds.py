"""When a number is shown, and to whom it speaks."""

import pytest

from arena.statistics.thresholds import DEFAULT_THRESHOLDS, Scope, Thresholds, scope_label, scope_of


@pytest.mark.parametrize(
    ("annotators", "prompts", "scope"),
    [
        (8, 8, Scope.ANNOTATORS_AND_PROMPTS),
        (7, 8, Scope.PROMPTS),
        (100, 7, Scope.NONE),
        (7, 7, Scope.NONE),
        (0, 0, Scope.NONE),
    ],
)
def test_eight_annotators_and_eight_prompts_are_enough_by_default(
    annotators: int, prompts: int, scope: Scope
) -> None:
    assert scope_of(annotators=annotators, prompts=prompts, thresholds=DEFAULT_THRESHOLDS) is scope


def test_the_number_of_clusters_is_a_setting() -> None:
    scope = scope_of(annotators=3, prompts=3, thresholds=Thresholds(clusters=3))

    assert scope is Scope.ANNOTATORS_AND_PROMPTS


def test_labels_say_to_whom_an_interval_speaks() -> None:
    both = scope_label(Scope.ANNOTATORS_AND_PROMPTS, annotators=40)

    assert both == "for annotators and prompts like these"
    assert scope_label(Scope.PROMPTS, annotators=5) == "for these 5 annotators only"
    assert scope_label(Scope.NONE, annotators=5) is None
