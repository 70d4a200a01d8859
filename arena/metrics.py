"""Numbers for Prometheus, in a registry of the application's own."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

Observe = Callable[[str, float], None]
"""Notes one value, such as the seconds that something took, under a label."""

Count = Callable[[str], None]
"""Counts one more under a label."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """One metric with its values now, each by the texts of its `labels`.

    `counts` says that values only grow; such a metric's name ends in `_total` on the wire.
    """

    name: str
    help: str
    labels: Sequence[str] = ()
    values: Mapping[tuple[str, ...], float] = field(default_factory=dict)
    counts: bool = False


class _Source(Collector):
    def __init__(self, read: Callable[[], Iterable[Family]]) -> None:
        self._read = read

    def collect(self) -> Iterator[Metric]:
        """Read the values now; nothing is counted twice after a restart."""
        for family in self._read():
            kind = CounterMetricFamily if family.counts else GaugeMetricFamily
            metric = kind(family.name, family.help, labels=family.labels)
            for labels, value in family.values.items():
                metric.add_metric(labels, value)
            yield metric


class Metrics:
    """What is known elsewhere is read when scraped; only durations and events are kept here.

    The process's own memory, open files and processor time are always among them.
    """

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)

    def expose(self, read: Callable[[], Iterable[Family]]) -> None:
        """Add metrics that `read` yields at every scrape, from any thread."""
        self._registry.register(_Source(read))

    def counter(self, name: str, help_text: str, *, label: str, values: Sequence[str]) -> Count:
        """Add a counter with one label; returns what counts. All `values` of it begin at 0."""
        counter = Counter(name, help_text, [label], registry=self._registry)
        for value in values:
            counter.labels(value)

        def count(text: str) -> None:
            counter.labels(text).inc()

        return count

    def histogram(
        self, name: str, help_text: str, *, label: str, buckets: Sequence[float]
    ) -> Observe:
        """Add a histogram with one label; returns what notes a value. Buckets are upper bounds."""
        histogram = Histogram(name, help_text, [label], registry=self._registry, buckets=buckets)

        def observe(text: str, value: float) -> None:
            histogram.labels(text).observe(value)

        return observe

    def render(self) -> bytes:
        """Render all metrics in the text format of Prometheus."""
        return generate_latest(self._registry)
