"""The usual page, for comparison: an update for every token. python -m ... PORT TOKENS PER_S"""

import asyncio
import sys
from collections.abc import AsyncGenerator
from typing import Any

import gradio as gr
import uvicorn
from fastapi import FastAPI

Chat = list[dict[str, str]]


def build(tokens: int, per_s: float) -> gr.Blocks:
    """Two columns that grow by a word at a time, and nothing else."""

    async def send(prompt: str) -> AsyncGenerator[tuple[Chat, Chat], None]:
        text = ""
        for _ in range(tokens):
            await asyncio.sleep(1 / per_s)
            text += "word "
            chat = [
                {"role": "user", "content": prompt},
                {"role": "assistant", "content": text},
            ]
            yield chat, chat

    page: Any
    with gr.Blocks(analytics_enabled=False) as page:
        left, right = gr.Chatbot(), gr.Chatbot()
        prompt = gr.Textbox()
        page.load(lambda: "", None, prompt)
        gr.Button("Send", elem_id="send").click(send, [prompt], [left, right])
    page.max_threads = 1000
    page.queue(default_concurrency_limit=None)
    blocks: gr.Blocks = page
    return blocks


def main(port: int, tokens: int, per_s: float) -> None:
    """Serve it."""
    app = gr.mount_gradio_app(FastAPI(), build(tokens, per_s), "/", ssr_mode=False)
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="error")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
