"""Numbers for Prometheus, in a registry of the application's own."""

from collections.abc import Callable, Iterable, Mapping

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

Labelled = Callable[[], Mapping[str, float]]
"""Reads a gauge's values by label at the moment of the scrape."""


class _Gauge(Collector):
    def __init__(self, name: str, help_text: str, label: str, read: Labelled) -> None:
        self._name = name
        self._help = help_text
        self._label = label
        self._read = read

    def collect(self) -> Iterable[Metric]:
        """Read the values now; nothing is counted twice after a restart."""
        family = GaugeMetricFamily(self._name, self._help, labels=[self._label])
        for label, value in self._read().items():
            family.add_metric([label], value)
        return [family]


class Metrics:
    """Gauges that are read when scraped: the database and the pool are the only counters."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()

    def gauge(self, name: str, help_text: str, *, label: str, read: Labelled) -> None:
        """Add a gauge with one label."""
        self._registry.register(_Gauge(name, help_text, label, read))

    def render(self) -> bytes:
        """The text format of Prometheus."""
        return generate_latest(self._registry)
