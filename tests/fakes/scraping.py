"""Reads what Prometheus would: its text format, by its own parser."""

from prometheus_client.parser import text_string_to_metric_families


def scraped(text: str) -> dict[str, float]:
    """Values by sample: `name` or `name{first=text,second=text}`, labels in alphabetical order."""
    return {
        sample.name + _labels(sample.labels): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def _labels(labels: dict[str, str]) -> str:
    pairs = ",".join(f"{name}={text}" for name, text in sorted(labels.items()))
    return f"{{{pairs}}}" if pairs else ""
