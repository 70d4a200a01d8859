"""A real scrape of `/metrics` after real battles."""

import httpx

from tests.e2e.bestiary import QUICK
from tests.e2e.driver import HttpAnnotator
from tests.e2e.serving import ADMIN_PASSWORD, ServedArena
from tests.fakes.scraping import scraped


def scrape(arena: ServedArena) -> dict[str, float]:
    """What an admin's session reads."""
    with httpx.Client(base_url=arena.address, trust_env=False) as admin:
        admin.post("/login", data={"name": "admin", "password": ADMIN_PASSWORD})
        answer = admin.get("/metrics").raise_for_status()
    assert answer.headers["content-type"].startswith("text/plain; version=")
    return scraped(answer.text)


def test_a_battle_and_its_vote_show_in_the_next_scrape(arena: ServedArena) -> None:
    before = scrape(arena)
    with HttpAnnotator(arena.address) as ada:
        ada.load()
        ada.fire("send", prompt=QUICK)
        assert ada.fire("vote-tie").revealed
    after = scrape(arena)

    def grown(sample: str) -> float:
        return after[sample] - before.get(sample, 0.0)

    assert grown("arena_votes_total") == grown("arena_battles{state=voted}") == 1
    for model in ("gryphon", "hydra"):
        assert after[f"arena_model_state{{model={model},state=ready}}"] == 1
        assert grown(f"arena_model_replies_total{{model={model},outcome=complete}}") == 1
        assert grown(f"arena_reply_seconds_count{{model={model}}}") == 1
        assert grown(f"arena_first_text_seconds_count{{model={model}}}") == 1
        assert after[f"arena_model_requests{{model={model},phase=answering}}"] == 0
    assert after["arena_votes_total"] == arena.value("SELECT count(*) FROM votes")
    assert after["process_resident_memory_bytes"] > 0
