"""A real Prometheus with the configuration, the alerts and the dashboard that we ship."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from ruamel.yaml import YAML

from tests.e2e.driver import HttpAnnotator
from tests.e2e.quick import quick
from tests.e2e.serving import METRICS_TOKEN, ServedArena, free_port, serving
from tests.fakes.waiting import wait_until

FILES = Path(__file__).parents[2] / "deploy"
RULES = FILES / "prometheus" / "alerts.yml"
DASHBOARD = json.loads((FILES / "grafana" / "arena.json").read_text(encoding="utf-8"))
OF_ENGINES = ("arena_model_ram_bytes", "arena_model_gpu_bytes")
"""Scripted models have no engine whose memory could be told."""

needs_prometheus = pytest.mark.skipif(
    shutil.which("prometheus") is None or shutil.which("promtool") is None,
    reason="Prometheus is missing: apt-get install prometheus",
)


def queries() -> list[str]:
    """Every query of the dashboard, over all arenas."""
    targets = [one for panel in DASHBOARD["panels"] for one in panel.get("targets", ())]
    return [str(target["expr"]).replace("$instance", ".*") for target in targets]


class Prometheus:
    """A server of its own, which scrapes an arena every second."""

    def __init__(self, folder: Path, arena: ServedArena) -> None:
        self._folder = folder
        self._address = f"http://127.0.0.1:{free_port()}"
        shutil.copy(RULES, folder / RULES.name)
        (folder / "token").write_text(METRICS_TOKEN, encoding="utf-8")
        text = (FILES / "prometheus" / "prometheus.yml").read_text(encoding="utf-8")
        text = text.replace("/etc/prometheus/arena-token", str(folder / "token"))
        text = text.replace("localhost:7860", f"127.0.0.1:{arena.port}").replace("15s", "1s")
        (folder / "prometheus.yml").write_text(text, encoding="utf-8")

    def start(self) -> "subprocess.Popen[bytes]":
        listen = self._address.removeprefix("http://")
        return subprocess.Popen(
            [
                "prometheus",
                f"--config.file={self._folder / 'prometheus.yml'}",
                f"--storage.tsdb.path={self._folder / 'data'}",
                f"--web.listen-address={listen}",
                "--log.level=warn",
            ],
            stdout=subprocess.DEVNULL,
        )

    def ask(self, path: str, **parameters: str) -> dict[str, Any]:
        """Return what the API answers; fail if it is an error."""
        answer = httpx.get(f"{self._address}/api/v1/{path}", params=parameters, trust_env=False)
        body = answer.json()
        assert body["status"] == "success", (parameters, body)
        return dict(body["data"])

    def is_ready(self) -> bool:
        """Return whether it has read what it stores; it refuses queries until then."""
        with suppress(httpx.TransportError):
            return httpx.get(f"{self._address}/-/ready", trust_env=False).is_success
        return False

    def value(self, query: str) -> float | None:
        """Return the value of a query with one answer; None before there is one."""
        for one in self.ask("query", query=query)["result"]:
            return float(one["value"][1])
        return None


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """Prometheus beside an arena in which a battle was played after the first scrape."""
    folder = tmp_path_factory.mktemp("prometheus")
    with serving(folder / "arena", quick()) as arena:
        found = Prometheus(folder, arena)
        process = found.start()
        try:
            wait_until(found.is_ready)
            wait_until(lambda: found.value("arena_votes_total") == 0)
            with HttpAnnotator(arena.address) as ada:
                ada.load()
                ada.fire("send", prompt="Who counts?")
                assert ada.fire("vote-tie").revealed
            wait_until(lambda: found.value("arena_votes_total") == 1)
            yield found
        finally:
            process.terminate()
            process.wait(30)


@needs_prometheus
def test_the_arena_is_scraped_with_the_token(prometheus: Prometheus) -> None:
    assert prometheus.value('up{job="arena"}') == 1


@needs_prometheus
@pytest.mark.parametrize("query", queries())
def test_every_panel_of_the_dashboard_shows_something(prometheus: Prometheus, query: str) -> None:
    """A rate needs two scrapes of what began with the battle."""
    wait_until(
        lambda: prometheus.ask("query", query=query)["result"] or query.startswith(OF_ENGINES)
    )


@needs_prometheus
def test_all_alerts_are_loaded_and_can_be_evaluated(prometheus: Prometheus) -> None:
    groups = prometheus.ask("rules")["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    written = YAML(typ="safe").load(RULES.read_text(encoding="utf-8"))
    names = [rule["alert"] for group in written["groups"] for rule in group["rules"]]
    assert [rule["name"] for rule in rules] == names
    wait_until(lambda: all(rule["health"] == "ok" for rule in evaluated(prometheus)))


def evaluated(prometheus: Prometheus) -> list[dict[str, Any]]:
    return [rule for group in prometheus.ask("rules")["groups"] for rule in group["rules"]]


@needs_prometheus
@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "rules", "--lint=all", "--lint-fatal", str(RULES)],
        ["test", "rules", str(Path(__file__).with_name("alerts.test.yml"))],
    ],
)
def test_promtool_finds_the_alerts_right(arguments: list[str]) -> None:
    done = subprocess.run(["promtool", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_dashboard_can_be_imported_as_it_is() -> None:
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(set(ids)) == len(ids)
    variables = {one["name"] for one in DASHBOARD["templating"]["list"]}
    assert variables == {"datasource", "instance"}
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        for target in panel.get("targets", ()):
            assert target["datasource"]["uid"] == "${datasource}"


def test_every_alert_says_what_it_means_and_what_to_do() -> None:
    written = YAML(typ="safe").load(RULES.read_text(encoding="utf-8"))
    guide = (FILES.parent / "docs" / "deploying.md").read_text(encoding="utf-8")
    for rule in written["groups"][0]["rules"]:
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert rule["annotations"].keys() == {"summary", "description"}
        assert f"| `{rule['alert']}` |" in guide
