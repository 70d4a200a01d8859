"""A real nginx in front of an arena, with the configuration that we ship."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.serving import free_port
from tests.fakes.waiting import wait_until

_SHIPPED = Path(__file__).parents[2] / "deploy" / "nginx"
TEMPLATE = _SHIPPED / "arena.conf.template"
REPLICAS = _SHIPPED / "replicas.conf.template"

_MAIN = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/*.conf.part;
    include {folder}/arena.conf;
}}
"""


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate of our own making, and its key."""

    file: Path
    key: Path


def needs_nginx() -> pytest.MarkDecorator:
    """Skip, and say how to get it, where there is no nginx."""
    return pytest.mark.skipif(
        nginx_program() is None, reason="nginx is missing: apt-get install nginx-light"
    )


def nginx_program() -> str | None:
    """Return where nginx is; Debian's is not on the path of ordinary users."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


def own_certificate(folder: Path) -> Certificate:
    """Make a certificate for this machine."""
    made = Certificate(folder / "certificate.pem", folder / "key.pem")
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    command += ["-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext"]
    command += ["subjectAltName=DNS:localhost,IP:127.0.0.1"]
    command += ["-out", str(made.file), "-keyout", str(made.key)]
    subprocess.run(command, check=True, capture_output=True)
    return made


@contextmanager
def nginx(
    folder: Path, *upstreams: int, location: str = "/", tls: Certificate | None = None
) -> Iterator[str]:
    """Run nginx in front of one or several ports of this machine; yield where a browser goes."""
    folder.mkdir(parents=True, exist_ok=True)
    port, servers = free_port(), [f"127.0.0.1:{upstream}" for upstream in upstreams]
    if len(servers) > 1:
        (folder / "replicas.conf.part").write_text(_replicas(servers), encoding="utf-8")
        servers = ["arenas"]
    (folder / "arena.conf").write_text(_filled(servers[0], location, port, tls), encoding="utf-8")
    main = folder / "nginx.conf"
    main.write_text(_MAIN.format(folder=folder), encoding="utf-8")
    program = nginx_program()
    assert program is not None
    with (folder / "output.txt").open("ab") as output:
        process = subprocess.Popen(
            [program, "-p", str(folder), "-c", str(main), "-e", str(folder / "start.log")],
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_until(lambda: (folder / "nginx.pid").exists() or process.poll() is not None)
        assert process.poll() is None, (folder / "output.txt").read_text(encoding="utf-8")
        yield f"{'https' if tls else 'http'}://localhost:{port}"
    finally:
        process.terminate()
        process.wait(30)


def _replicas(servers: list[str]) -> str:
    named = " ".join(f"server {one} max_fails=1 fail_timeout=10s;" for one in servers)
    return REPLICAS.read_text(encoding="utf-8").replace("${ARENA_SERVERS}", named)


def _filled(upstream: str, location: str, port: int, tls: Certificate | None) -> str:
    """Fill in the template as nginx's image does, and listen where a test may."""
    text = TEMPLATE.read_text(encoding="utf-8")
    text = text.replace("${ARENA_UPSTREAM}", upstream)
    text = text.replace("${ARENA_LOCATION}", location)
    listen = f"listen 127.0.0.1:{port};"
    if tls is not None:
        listen = (
            f"listen 127.0.0.1:{port} ssl; ssl_certificate {tls.file}; "
            f"ssl_certificate_key {tls.key};"
        )
    return text.replace("listen 80;", listen)
