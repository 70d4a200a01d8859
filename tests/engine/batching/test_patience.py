"""A batch that hangs is told from a machine that is busy."""

from arena.engine.batching.patience import Patience


class Clocks:
    """CPU time of a process, and the clock on the wall, moved by hand."""

    def __init__(self) -> None:
        self.cpu = self.wall = 5.0

    def patience(self, limit_s: float) -> Patience:
        return Patience(limit_s, cpu=lambda: self.cpu, wall=lambda: self.wall)

    def work(self, seconds: float, *, of_the_machine: float = 1.0) -> None:
        self.cpu += seconds * of_the_machine
        self.wall += seconds


def test_a_step_may_take_long_where_others_have_the_machine() -> None:
    clocks = Clocks()
    patience = clocks.patience(120)
    clocks.work(590, of_the_machine=0.1)
    assert not patience.is_over(0)


def test_a_step_that_takes_too_much_of_the_process_hangs() -> None:
    clocks = Clocks()
    patience = clocks.patience(120)
    clocks.work(121)
    assert patience.is_over(0)


def test_every_step_begins_anew() -> None:
    clocks = Clocks()
    patience = clocks.patience(120)
    for step in range(1, 30):
        clocks.work(100)
        assert not patience.is_over(step)
    clocks.work(100)
    assert not patience.is_over(29)
    clocks.work(100)
    assert patience.is_over(29)


def test_a_batch_that_sleeps_for_ever_is_given_up_too() -> None:
    clocks = Clocks()
    patience = clocks.patience(120)
    clocks.work(601, of_the_machine=0.0)
    assert patience.is_over(0)
