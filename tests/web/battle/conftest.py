"""The components of the battle page."""

import asyncio

import gradio as gr
import pytest

from arena.web.battle.layout import BattleLayout, build_layout
from arena.web.common.texts import gradio_texts, load_texts


@pytest.fixture(scope="module")
def layout() -> BattleLayout:
    """Return the layout of a page with two slots and one example."""

    async def build() -> BattleLayout:
        with gr.Blocks(analytics_enabled=False):
            return build_layout(gradio_texts(load_texts()), slots=2, examples=1, categories=())

    return asyncio.run(build())
