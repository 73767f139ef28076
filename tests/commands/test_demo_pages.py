"""`diaodu demo --pages` as a newcomer runs it: the pages of an afternoon, open to the password it
prints and to no other.
"""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path


def opened(
    browser: urllib.request.OpenerDirector,
    address: str,
    fields: bytes,
    running: subprocess.Popen[str],
) -> http.client.HTTPResponse:
    """Signs in as soon as the port answers; says what the program said when it has ended
    instead.
    """
    for _ in range(200):
        try:
            answer: http.client.HTTPResponse = browser.open(address, fields, timeout=30)
        except urllib.error.URLError as fault:
            if not isinstance(fault.reason, ConnectionRefusedError):
                raise
            assert running.poll() is None, running.communicate()
            time.sleep(0.05)
        else:
            return answer
    raise AssertionError(f"{address} was refused for ten seconds")


def test_a_newcomer_sees_an_afternoon_of_the_season(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    running = subprocess.Popen(
        [sys.executable, "-m", "bot", "demo", "--pages", "--folder", str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "HTTP_PORT": str(port), "PYTHONUNBUFFERED": "1"},
    )
    try:
        assert running.stdout is not None
        said = next(line for line in running.stdout if "password" in line)
        found = re.search(r"(http://\S+)  login (\w+), password ([\w-]+);", said)
        assert found, said
        origin, login, password = found.groups()
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        fields = urllib.parse.urlencode({"login": login, "password": password}).encode()
        page = opened(browser, f"{origin}/login", fields, running)
        text = page.read().decode()
        assert page.url.endswith("/desk")
        assert "193" in text
        assert "松砚镇" in text
    finally:
        running.send_signal(signal.SIGTERM)
        running.communicate(timeout=30)
    assert running.returncode in (0, -signal.SIGTERM)
