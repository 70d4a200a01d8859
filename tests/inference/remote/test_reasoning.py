"""Inline reasoning is split off, wherever the stream was cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.domain.conversation import FinishReason, Message, Role
from arena.domain.reasoning_tags import Closings, Tags, ending_opening
from arena.inference.remote.reasoning import ReasoningSplitter, UnopenedReasoning
from arena.inference.remote.thinking import Habit, Thinking
from tests.fakes.clock import VirtualClock


def split(pieces: list[str], splitter: ReasoningSplitter | None = None) -> tuple[str, str]:
    splitter = splitter or ReasoningSplitter()
    deltas = [splitter.feed(piece) for piece in pieces] + [splitter.finish()]
    return "".join(d.text for d in deltas), "".join(d.reasoning for d in deltas)


@pytest.mark.parametrize(
    ("reply", "text", "reasoning"),
    [
        ("plain", "plain", ""),
        ("<think>why</think>\n\nanswer", "answer", "why"),
        ("\n<think>\nwhy\n</think>answer", "answer", "\nwhy\n"),
        ("<think>never closed", "", "never closed"),
        ("<think>a<b</thin</think>c", "c", "a<b</thin"),
        ("say <think> aloud", "say <think> aloud", ""),
        ("<thinker>", "<thinker>", ""),
        ("<th", "<th", ""),
        ("", "", ""),
    ],
)
def test_reasoning_is_split_off_whole_and_letter_by_letter(
    reply: str, text: str, reasoning: str
) -> None:
    assert split([reply]) == (text, reasoning)
    assert split(list(reply)) == (text, reasoning)


@given(st.lists(st.sampled_from(["<", "think", ">", "</think>", "a", " ", "/", "\n"])))
def test_the_cuts_of_the_stream_change_nothing(pieces: list[str]) -> None:
    assert split(pieces) == split(["".join(pieces)])


FAMILIES = {
    "think": ("<think>a</think>b", "b", "a"),
    "thinking": ("<thinking>a</thinking>\n\nb", "b", "a"),
    "thought": ("<thought>a</thought>b", "b", "a"),
    "capitals": ("<Think>a</THINK>b", "b", "a"),
    "a name before": ("<seed:think>a</seed:think>b", "b", "a"),
    "square brackets": ("[THINK]a[/THINK]b", "b", "a"),
    "triangles": ("\u25c1think\u25b7a\u25c1/think\u25b7b", "b", "a"),
    "begin and end": (
        "<|begin_of_thought|>a<|end_of_thought|>\n<|begin_of_solution|>b<|end_of_solution|>",
        "b",
        "a",
    ),
    "start and end": (
        "<|START_THINKING|>a<|END_THINKING|><|START_RESPONSE|>b<|END_RESPONSE|>",
        "b",
        "a",
    ),
    "answer in tags": ("<reasoning>a</reasoning>\n<answer>\nb</answer>\n", "b", "a"),
    "answer never closed": ("<think>a</think><answer>b", "b", "a"),
    "more after the answer": ("<think>a</think><answer>b</answer> c", "b</answer> c", "a"),
    "answer in tags without reasoning": ("<answer>b</answer>", "<answer>b</answer>", ""),
    "thinks twice": ("<think>a</think>\n<think>c</think>b", "b", "ac"),
    "code after reasoning": ("<think>a</think><div>b</div>", "<div>b</div>", "a"),
    "channels": (
        "<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>final<|message|>b",
        "b",
        "a",
    ),
    "channels to their end": (
        "<|start|>assistant<|channel|>analysis<|message|>a<|end|>"
        "<|start|>assistant<|channel|>commentary to=x <|constrain|>json<|message|>c<|call|>"
        "<|start|>assistant<|channel|>final<|message|>b<|return|>",
        "b",
        "ac",
    ),
    "only the final channel": ("<|channel|>final<|message|>b<|return|>", "b", ""),
    "only the first channel": ("<|channel|>analysis<|message|>a", "", "a"),
    "a channel whose header is cut": (
        "<|channel|>analysis<|message|>a<|end|><|start|>as",
        "",
        None,
    ),
    "no channel at all": ("<|start|>" + "x" * 300, "<|start|>" + "x" * 300, ""),
    "Gemma": ("<|channel>thought\na<channel|>b", "b", "\na"),
    "MedGemma": ("<unused94>thought\na<unused95>b", "b", "\na"),
    "an element of a page": ("<html>b</html>", "<html>b</html>", ""),
    "a name that begins alike": ("<thinktank>b", "<thinktank>b", ""),
    "control tokens stay": ("b<|im_end|>", "b<|im_end|>", ""),
}


@pytest.mark.parametrize(("reply", "text", "reasoning"), FAMILIES.values(), ids=FAMILIES)
def test_the_usual_tags_are_known_whole_and_letter_by_letter(
    reply: str, text: str, reasoning: str | None
) -> None:
    for pieces in ([reply], list(reply)):
        found = split(pieces)
        assert found[0] == text
        assert reasoning is None or found[1] == reasoning


@given(st.lists(st.sampled_from(["<think>", "</think>", "<answer>", "</answer>", "a", " ", "\n"])))
def test_the_cuts_of_a_wrapped_answer_change_nothing(pieces: list[str]) -> None:
    assert split(list("".join(pieces))) == split(["".join(pieces)])


CHANNEL_PIECES = ["<|channel|>", "<|message|>", "<|end|>", "<|start|>", "analysis", "final", "a"]


@given(st.lists(st.sampled_from(CHANNEL_PIECES)))
def test_the_cuts_of_channels_change_nothing(pieces: list[str]) -> None:
    assert split(list("".join(pieces))) == split(["".join(pieces)])


def held(*quoted: str) -> ReasoningSplitter:
    return ReasoningSplitter(closings=Closings(quoted), holds=lambda: True)


def open_handed() -> ReasoningSplitter:
    return ReasoningSplitter(closings=Closings())


UNOPENED = {
    "think": ("hm</think>Four.", "Four.", "hm"),
    "blank lines": ("hm\n</think>\n\nFour.", "Four.", "hm\n"),
    "thinking": ("hm</thinking>Four.", "Four.", "hm"),
    "brackets": ("hm[/THINK]Four.", "Four.", "hm"),
    "triangles": ("hm\u25c1/think\u25b7Four.", "Four.", "hm"),
    "with an answer in tags": ("hm</think><answer>Four.</answer>", "Four.", "hm"),
    "channels": (
        "hm<|end|><|start|>assistant<|channel|>final<|message|>Four.<|return|>",
        "Four.",
        "hm",
    ),
}


@pytest.mark.parametrize(("reply", "text", "reasoning"), UNOPENED.values(), ids=UNOPENED)
def test_a_closing_tag_alone_ends_reasoning_while_text_is_held(
    reply: str, text: str, reasoning: str
) -> None:
    assert split([reply], held()) == (text, reasoning)
    assert split(list(reply), held()) == (text, reasoning)


@pytest.mark.parametrize(
    "reply",
    [
        "It writes `</think>` at the end.",
        "Use <think> and </think> around it.",
        "```xml\n</think>\n```",
        'It writes "</think>" at the end.',
        "A plain answer, 3 < 4.",
    ],
)
def test_an_answer_that_talks_about_a_tag_is_an_answer(reply: str) -> None:
    assert split(list(reply), held()) == (reply, "")
    assert split(list(reply), open_handed()) == (reply, "")


def test_a_tag_of_the_prompt_is_one_that_is_talked_about() -> None:
    reply = "It ends with </think> of course."
    assert split([reply], held("What does </think> mean?")) == (reply, "")


def test_a_closing_tag_after_text_that_was_handed_on_is_an_error_that_names_it() -> None:
    splitter = open_handed()
    assert splitter.feed("Hm, two and").text == "Hm, two and"
    assert splitter.feed(" two.</thi").text == " two."
    with pytest.raises(UnopenedReasoning, match=r'close: "</think>"'):
        splitter.feed("nk>Four.")


@pytest.mark.parametrize("pieces", [["hm</think>Four."], list("<think>hm</think>Four.")])
def test_a_reply_that_begins_inside_is_reasoning_up_to_the_closing_tag(pieces: list[str]) -> None:
    tags = Tags("", "</think>")
    assert split(pieces, ReasoningSplitter(tags, inside=tags)) == ("Four.", "hm")
    assert split(["never closed"], ReasoningSplitter(tags, inside=tags)) == ("", "never closed")


def test_the_rows_own_tags_are_known() -> None:
    tags = Tags("Here is my thought process:", "Here is my response:")
    reply = "Here is my thought process: a. Here is my response: b"
    for pieces in ([reply], list(reply)):
        assert split(pieces, ReasoningSplitter(tags)) == ("b", " a. ")
    assert split(["Here is my view."], ReasoningSplitter(tags)) == ("Here is my view.", "")


@pytest.mark.parametrize(
    ("prompt", "close"),
    [
        ("<|im_start|>assistant\n<think>\n", "</think>"),
        ("[/INST][THINK]", "[/THINK]"),
        ("<|start|>assistant<|channel|>analysis<|message|>", None),
        ("<|im_start|>assistant\n<think>\n\n</think>\n\n", ""),
        ("USER: hi ASSISTANT:", ""),
    ],
)
def test_a_rendered_prompt_tells_whether_it_opens_reasoning(prompt: str, close: str | None) -> None:
    tags = ending_opening(prompt)
    assert tags is None if close == "" else tags is not None and close in {tags.close, None}


def test_channels_that_the_prompt_opened_are_closed_by_the_next_header() -> None:
    tags = ending_opening("<|start|>assistant<|channel|>analysis<|message|>")
    reply = "a<|end|><|start|>assistant<|channel|>final<|message|>b<|return|>"
    for pieces in ([reply], list(reply)):
        assert split(pieces, ReasoningSplitter(inside=tags)) == ("b", "a")


class Model:
    """A model as the arena gets to know it."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.thinking = Thinking(None, prompt_is_told=False, clock=self.clock)

    def replies(self, text: str, reason: FinishReason = FinishReason.STOP) -> tuple[str, str]:
        """What is split off one reply; the text of the first delta is checked apart."""
        splitter = self.thinking.splitter((Message(Role.USER, "What is 2 + 2?"),))
        first = splitter.feed(text)
        last = splitter.finish(cut=reason is FinishReason.LENGTH)
        self.thinking.learn(splitter, reason)
        return first.text + last.text, first.reasoning + last.reasoning

    def shows_at_once(self) -> bool:
        """Whether the next reply is handed on as it comes."""
        return bool(self.thinking.splitter(()).feed("Some words").text)


def test_the_first_reply_of_a_model_is_held_and_later_ones_are_not() -> None:
    model = Model()
    assert not model.shows_at_once()
    assert model.replies("Four.") == ("Four.", "")
    assert model.shows_at_once()


def test_a_first_reply_that_was_cut_proves_nothing() -> None:
    model = Model()
    assert model.replies("Hm, let me", FinishReason.LENGTH) == ("Hm, let me", "")
    assert not model.shows_at_once()


@pytest.mark.anyio
async def test_the_first_reply_is_held_for_three_seconds_at_most() -> None:
    model = Model()
    splitter = model.thinking.splitter(())
    assert splitter.feed("Some words").text == ""
    await model.clock.advance(2.9)
    assert splitter.feed(", more").text == ""
    await model.clock.advance(0.1)
    assert splitter.feed(" and more").text == "Some words, more and more"


def test_a_model_seen_to_close_what_it_never_opened_is_held_from_then_on() -> None:
    model = Model()
    assert model.replies("hm</think>Four.") == ("Four.", "hm")
    assert model.thinking.habit is Habit.ALWAYS
    assert not model.shows_at_once()
    assert model.replies("still thinking", FinishReason.LENGTH) == ("", "still thinking")
    assert model.replies("An answer at once.") == ("An answer at once.", "")


def test_a_model_that_stops_doing_so_is_shown_at_once_again() -> None:
    model = Model()
    model.replies("hm</think>Four.")
    for _ in range(3):
        assert not model.shows_at_once()
        model.replies("Four.")
    assert model.shows_at_once()
