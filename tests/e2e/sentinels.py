"""Words that must not leave the server, in every spelling in which they could hide."""

import base64
from collections.abc import Iterable


def spellings(secret: str) -> dict[str, bytes]:
    """How a secret may be written, in lower case, by the name of the writing.

    Base64 has three: what comes before the secret shifts the alignment, so only the characters
    that do not depend on the neighbours are looked for.
    """
    plain = secret.encode()
    found = {
        "plain": plain,
        "percent": "".join(f"%{byte:02x}" for byte in plain).encode(),
        "url": secret.replace(" ", "%20").encode(),
        "form": secret.replace(" ", "+").encode(),
        "hex": plain.hex().encode(),
        "html": "".join(f"&#{ord(sign)};" for sign in secret).encode(),
        "json": "".join(f"\\u{ord(sign):04x}" for sign in secret).encode(),
        "backwards": plain[::-1],
    }
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + plain).rstrip(b"=")
        found[f"base64+{shift}"] = encoded[(0, 2, 3)[shift] : -1]
        found[f"base64url+{shift}"] = found[f"base64+{shift}"].translate(
            bytes.maketrans(b"+/", b"-_")
        )
    return {name: spelling.lower() for name, spelling in found.items()}


def leaks(haystack: bytes, secrets: Iterable[str]) -> list[str]:
    """Which secrets stand in what was received, and in which spelling; case does not matter."""
    seen = haystack.lower()
    return [
        f"{secret} ({name})"
        for secret in secrets
        for name, spelling in spellings(secret).items()
        if spelling in seen
    ]
