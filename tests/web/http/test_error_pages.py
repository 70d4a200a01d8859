"""A database that fails under a page is a sentence in the reader's language, not an error 500."""

from collections.abc import Iterator

import httpx
import pytest
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from sqlalchemy.exc import OperationalError

from arena.web.common.texts import load_texts
from arena.web.http.error_pages import StorageErrorPage

pytestmark = pytest.mark.anyio
FAULT = OperationalError("INSERT INTO secrets", {}, Exception("database or disk is full"))


def app() -> FastAPI:
    built = FastAPI()

    @built.get("/")
    def page() -> None:
        raise FAULT

    @built.get("/stream")
    def stream() -> StreamingResponse:
        def chunks() -> Iterator[bytes]:
            yield b"begun"
            raise FAULT

        return StreamingResponse(chunks())

    @built.get("/other")
    def other() -> None:
        raise ZeroDivisionError

    built.add_middleware(StorageErrorPage, texts=load_texts())
    return built


async def get(path: str, **headers: str) -> httpx.Response:
    transport = httpx.ASGITransport(app())
    async with httpx.AsyncClient(transport=transport, base_url="http://arena.test") as client:
        return await client.get(path, headers={k.replace("_", "-"): v for k, v in headers.items()})


@pytest.mark.parametrize(
    ("language", "sentence"), [("en", "cannot store anything"), ("zh-CN", "目前无法保存数据")]
)
async def test_a_person_reads_a_sentence_and_how_to_go_on(language: str, sentence: str) -> None:
    answer = await get("/", accept="text/html", accept_language=language)
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "30"
    assert sentence in answer.text
    assert f'lang="{language[:2]}"' in answer.text
    assert "secrets" not in answer.text


async def test_a_program_reads_the_same_without_markup() -> None:
    answer = await get("/", accept="application/json")
    assert answer.status_code == 503
    assert "cannot store anything" in answer.text
    assert "<" not in answer.text


async def test_an_answer_that_has_begun_is_cut_and_other_errors_are_left_alone() -> None:
    with pytest.raises(OperationalError):
        await get("/stream")
    with pytest.raises(ZeroDivisionError):
        await get("/other")
