"""What a browser tells of a request besides its address."""

from starlette.datastructures import Headers


def is_embedded(headers: Headers) -> bool:
    """Return whether an image, video or the like asks: a model's reply may embed them.

    Six streams take all the connections that a browser opens to a server, and no vote gets
    through. Over plain HTTP to another machine, browsers do not send `Sec-Fetch-Dest`.
    """
    if headers.get("sec-fetch-dest", "empty") != "empty":
        return True
    return "range" in headers or "image/" in headers.get("accept", "")
