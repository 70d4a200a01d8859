"""Metrics in Prometheus' text format, read back by its own parser."""

from collections.abc import Iterator

from arena.metrics import Family, Metrics
from tests.fakes.scraping import scraped


def read(metrics: Metrics) -> dict[str, float]:
    """What a scrape finds."""
    return scraped(metrics.render().decode())


def test_gauges_and_counts_are_read_at_every_scrape() -> None:
    metrics = Metrics()
    asked: list[int] = []

    def source() -> Iterator[Family]:
        asked.append(1)
        yield Family(name="room", help="Room", values={(): 1.5})
        yield Family(
            name="visits",
            help="Visits",
            labels=("door", "day"),
            values={("front", "monday"): len(asked)},
            counts=True,
        )

    metrics.expose(source)
    asked.clear()
    first, second = read(metrics), read(metrics)
    assert (first["room"], first["visits_total{day=monday,door=front}"]) == (1.5, 1.0)
    assert second["visits_total{day=monday,door=front}"] == 2.0


def test_durations_are_counted_in_buckets() -> None:
    metrics = Metrics()
    observe = metrics.histogram("wait_seconds", "Wait", label="model", buckets=(0.1, 1.0))
    for seconds in (0.05, 0.5, 30.0):
        observe("sphinx", seconds)
    found = read(metrics)
    assert found["wait_seconds_bucket{le=0.1,model=sphinx}"] == 1
    assert found["wait_seconds_bucket{le=1.0,model=sphinx}"] == 2
    assert found["wait_seconds_bucket{le=+Inf,model=sphinx}"] == 3
    assert found["wait_seconds_sum{model=sphinx}"] == 30.55


def test_odd_names_are_escaped_and_read_back() -> None:
    metrics = Metrics()
    odd = 'a "quoted"\nname\\ 模型'
    family = Family(name="room", help="Room\nof it", labels=("model",), values={(odd,): 1.0})
    metrics.expose(lambda: [family])
    assert read(metrics)[f"room{{model={odd}}}"] == 1.0


def test_the_process_itself_is_always_told_of() -> None:
    found = read(Metrics())
    assert found["process_resident_memory_bytes"] > 2**20
    assert found["process_open_fds"] > 0


def test_events_are_counted_from_zero() -> None:
    metrics = Metrics()
    count = metrics.counter("visits", "Visits", label="door", values=("front", "back"))
    count("front")
    found = read(metrics)
    assert (found["visits_total{door=front}"], found["visits_total{door=back}"]) == (1, 0)
