"""The call of the dead-man's switch: any host over TLS, near ones without, and nothing of the
address in what is told.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from bot.channels.http import Http

SECRET = "s3cret-ping-0123"


class Called:
    """A service on loopback that answers every call with `status`."""

    def __init__(self) -> None:
        self.status, self.paths = 200, list[str]()
        called = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                called.paths.append(self.path)
                self.send_response(called.status)
                self.send_header("Location", f"/elsewhere/{SECRET}")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/ping/{SECRET}"


@pytest.fixture
def called() -> Iterator[Called]:
    service = Called()
    thread = threading.Thread(target=service.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield service
    service.server.shutdown()
    thread.join()
    service.server.server_close()


def test_any_2xx_is_taken(called: Called) -> None:
    for called.status in (200, 201, 204):
        assert Http(()).knock(called.url) is None
    assert called.paths == [f"/ping/{SECRET}"] * 3


@pytest.mark.parametrize("status", [301, 302, 404, 500])
def test_anything_else_is_not_and_no_redirect_is_followed(called: Called, status: int) -> None:
    called.status = status
    assert Http(()).knock(called.url) == f"HTTP {status}"
    assert len(called.paths) == 1


@pytest.mark.parametrize(
    "url",
    [
        f"http://127.0.0.1:1/{SECRET}",
        f"https://127.0.0.1:1/{SECRET}",
        f"http://192.0.2.999/{SECRET}",
        f"https://[::1/{SECRET}",
        f"ftp://127.0.0.1/{SECRET}",
        f"{SECRET}",
        f"https://{SECRET}.invalid:port/",
    ],
)
def test_nothing_of_the_address_is_told(url: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    told = Http((), connect=0.3).knock(url)
    assert told
    assert SECRET not in told + caplog.text


def test_nobody_far_away_is_called_without_tls() -> None:
    # A public address: refused before anything leaves, for the path is a password.
    told = Http((), connect=0.3).knock(f"http://8.8.8.8/{SECRET}")
    assert (
        told == "the address must begin with https://, or lead to this machine or a private network"
    )
