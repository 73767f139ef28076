"""WeCom as its pages describe it: who calls our door, and the server of the bots' long connections.
Its cipher is its own.

Strict: a frame, an answer or a body that the platform would not take is written down in `faults`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

TOKEN, AES_KEY = "xianban2026", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
BOT_ID, SECRET = "aibWCxyz", "the-bot-secret-0001"
DEADLINE = timedelta(seconds=5)
"""How long the platform waits for an answer to a message. No test waits so long, nor is a busy
machine held to it.
"""

TRIES = 3
PATIENCE = 60.0


@dataclass(kw_only=True)
class Caller:
    """The platform's side of one robot's callbacks: seals, signs, waits, tries three times.

    `door` is the whole address the console was given; `receive_id` the CorpID of an app, nothing
    for a bot.
    """

    door: str
    receive_id: str = ""
    token: str = TOKEN
    aes_key: str = AES_KEY
    moment: datetime
    """What the clock of the platform says; it stands."""

    tries: list[int] = field(default_factory=list)
    """The status of every try; 0 when nothing came back."""

    def sealed(self, inside: bytes) -> tuple[dict[str, str], str]:
        """The query that goes with a message, and what stands under `encrypt`."""
        key = base64.b64decode(self.aes_key + "=")
        packet = (
            hashlib.md5(inside).digest()
            + len(inside).to_bytes(4)
            + inside
            + self.receive_id.encode()
        )
        padder = padding.PKCS7(256).padder()
        encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
        encrypt = base64.b64encode(
            encryptor.update(padder.update(packet) + padder.finalize())
        ).decode()
        timestamp, nonce = (
            str(int(self.moment.timestamp())),
            hashlib.md5(encrypt.encode()).hexdigest()[:10],
        )
        signed = "".join(sorted([self.token, timestamp, nonce, encrypt]))
        signature = hashlib.sha1(signed.encode()).hexdigest()
        return {"msg_signature": signature, "timestamp": timestamp, "nonce": nonce}, encrypt

    def verifies(self) -> bool:
        """Asks for our address, as when it is saved in the console: the echo must come back
        plain.
        """
        query, encrypt = self.sealed(b"1616140317555161061")
        return self.requests({**query, "echostr": encrypt}, None) == (200, b"1616140317555161061")

    def tells(self, message: dict[str, Any]) -> int:
        """Delivers a message until it is taken or the tries are used up; the last status."""
        status = 0
        for _ in range(TRIES):
            status = self.tells_once(message)
            if status:  # only a network failure or a timeout is tried again
                break
        return status

    def tells_once(self, message: dict[str, Any]) -> int:
        """One delivery of an AI bot's message; its status, 0 if none came."""
        query, encrypt = self.sealed(json.dumps(message, ensure_ascii=False).encode())
        return self.posts(query, json.dumps({"encrypt": encrypt}).encode())

    def tells_app(self, fields: dict[str, str]) -> int:
        """One delivery of a self-built app's message, in XML."""
        inside = "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in fields.items())
        query, encrypt = self.sealed(f"<xml>{inside}</xml>".encode())
        body = f"<xml><ToUserName>{self.receive_id}</ToUserName><Encrypt><![CDATA[{encrypt}]]></Encrypt></xml>"
        return self.posts(query, body.encode())

    def posts(self, query: dict[str, str], body: bytes) -> int:
        """Posts a body as it is."""
        status, answer = self.requests(query, body)
        self.tries.append(status)
        assert status != 200 or answer in (b"", b"success"), "a passive answer must be sealed"
        return status

    def requests(self, query: dict[str, str], body: bytes | None) -> tuple[int, bytes]:
        """One request with that query, a POST if there is a body: the status, 0 if nothing came
        back, and the answer.
        """
        request = urllib.request.Request(f"{self.door}?{urlencode(query)}", data=body)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as response:
                return response.status, response.read()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read()
        except OSError:
            return 0, b""


class AnswerPlace:
    """Where response_urls lead: takes each code once, within its hour, and only what the page
    allows.
    """

    def __init__(self) -> None:
        self.said: list[tuple[str, str]] = []
        self.faults: list[str] = []
        self.refuses: list[dict[str, Any]] = []
        self._used: set[str] = set()
        self._lock = threading.Lock()
        place = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                answer = json.dumps(place._take(self.path, body)).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}
        )

    def __enter__(self) -> AnswerPlace:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def response_url(self, code: str) -> str:
        """A way back as it stands in a message."""
        return f"{self.origin}/cgi-bin/aibot/response?{urlencode({'response_code': code})}"

    def _take(self, path: str, body: bytes) -> dict[str, Any]:
        parts = urlsplit(path)
        (code,) = parse_qs(parts.query)["response_code"]
        with self._lock:
            if self.refuses:
                return self.refuses.pop(0)
            if parts.path != "/cgi-bin/aibot/response" or code in self._used:
                self.faults.append(f"used twice, or not our path: {parts.path}")
                return {"errcode": 40058, "errmsg": "invalid response_code"}
            self._used.add(code)
            if fault := fault_of_answer(json.loads(body)):
                self.faults.append(fault)
                return {"errcode": 40058, "errmsg": fault}
            self.said.append((code, json.loads(body)["markdown"]["content"]))
            return {"errcode": 0, "errmsg": "ok"}


def fault_of_answer(body: dict[str, Any]) -> str | None:
    """What is wrong with an answer, None if nothing is. Markup would be shown as such, a mention
    would call somebody.
    """
    if body.get("msgtype") != "markdown" or set(body) != {"msgtype", "markdown"}:
        return f"msgtype {body.get('msgtype')}"
    content = body["markdown"].get("content")
    if not isinstance(content, str) or not 0 < len(content.encode()) <= 20_480:
        return "content too long or missing"
    return (
        "markup or mention" if re.search(r"<@|@all|@所有人|\]\(|https?://|\*\*", content) else None
    )


@dataclass
class Line:
    """One open connection: what came over it, and whether it is signed in."""

    socket: ServerConnection
    signed_in: bool = False
    frames: list[dict[str, Any]] = field(default_factory=list)


class Gateway:
    """The server of the long connections: one connection a bot, frames checked, answers taken once
    for each message.
    """

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.answers: list[tuple[str, str]] = []
        self.faults: list[str] = []
        self.refuses: list[dict[str, Any]] = []  # what the next subscriptions are answered
        self.deaf = False  # answers no heartbeat and no answer any more
        self.pings = 0
        self._changed = threading.Condition()
        self._server = serve(
            self._converse, "127.0.0.1", 0, compression=None, ping_interval=None, close_timeout=0.2
        )
        self.address = f"ws://127.0.0.1:{self._server.socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever)

    def __enter__(self) -> Gateway:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()

    def until(self, true: Callable[[], Any]) -> None:
        """Waits for something to have happened here."""
        with self._changed:
            assert self._changed.wait_for(true, PATIENCE), "it did not happen"

    @property
    def open(self) -> list[Line]:
        """The connections signed in now."""
        return [line for line in self.lines if line.signed_in]

    def tells(
        self, number: str, body: dict[str, Any], *, command: str = "aibot_msg_callback"
    ) -> None:
        """Sends a callback over the newest connection."""
        self.until(lambda: self.open)
        frame = {"cmd": command, "headers": {"req_id": number}, "body": body}
        self.open[-1].socket.send(json.dumps(frame, ensure_ascii=False))

    def sends(self, raw: str | bytes) -> None:
        """Sends whatever is given."""
        self.until(lambda: self.open)
        self.open[-1].socket.send(raw)

    def drops(self) -> None:
        """Ends every connection without a word."""
        for line in self.open:
            line.signed_in = False
            line.socket.socket.close()

    def kicks_out(self) -> None:
        """Another program signs in: the older connection is told, and closed."""
        self.tells(
            "kick", {"event": {"eventtype": "disconnected_event"}}, command="aibot_event_callback"
        )

    def _converse(self, socket: ServerConnection) -> None:
        line = Line(socket)
        with self._changed:
            self.lines.append(line)
        try:
            for raw in socket:
                self._take(line, json.loads(raw))
        except (ConnectionClosed, OSError):
            pass
        finally:
            with self._changed:
                line.signed_in = False
                self._changed.notify_all()

    def _take(self, line: Line, frame: dict[str, Any]) -> None:
        number = frame.get("headers", {}).get("req_id")
        answer: dict[str, Any] | None = {
            "headers": {"req_id": number},
            "errcode": 0,
            "errmsg": "ok",
        }
        with self._changed:
            line.frames.append(frame)
            match frame.get("cmd"):
                case "aibot_subscribe":
                    if self.refuses:
                        answer = {"headers": {"req_id": number}, **self.refuses.pop(0)}
                    elif frame["body"] != {"bot_id": BOT_ID, "secret": SECRET}:
                        answer = {
                            "headers": {"req_id": number},
                            "errcode": 853000,
                            "errmsg": "invalid bot_id or secret",
                        }
                    else:
                        if self.open:
                            self.faults.append("a second connection of one bot")
                        line.signed_in = True
                case "ping" if line.signed_in:
                    self.pings += 1
                case "aibot_respond_msg" if line.signed_in:
                    if fault := fault_of_answer(frame["body"]):
                        self.faults.append(fault)
                    if number in [known for known, _ in self.answers]:
                        self.faults.append("answered twice")
                    self.answers.append((number, frame["body"]["markdown"]["content"]))
                case other:
                    self.faults.append(
                        f"frame {other} from a line that is {'' if line.signed_in else 'not '}signed in"
                    )
            if not number or not isinstance(number, str):
                self.faults.append("a frame without a number")
            if self.deaf and frame.get("cmd") != "aibot_subscribe":
                answer = None
            self._changed.notify_all()
        if answer is not None:
            line.socket.send(json.dumps(answer))
