"""`diaodu demo --pages` as a newcomer runs it: the pages of an afternoon, open to the password it prints and to no other."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.parse
import urllib.request
from pathlib import Path


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
        page = browser.open(f"{origin}/login", fields, timeout=30)
        text = page.read().decode()
        assert page.url.endswith("/desk")
        assert "193" in text
        assert "松砚镇" in text
    finally:
        running.send_signal(signal.SIGTERM)
        running.communicate(timeout=30)
    assert running.returncode in (0, -signal.SIGTERM)
