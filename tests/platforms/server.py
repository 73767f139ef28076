"""WeCom, DingTalk and Feishu on one loopback server: their paths, signatures, limits, paces and error numbers.

Written from the platforms' documentation, not from our code. It records what a group would really have seen.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from enum import Enum, auto
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


class Trouble(Enum):
    """What may go wrong with one request."""

    SLOW = auto()  # takes the message, answers too late
    CUT_BEFORE = auto()  # reads the request, takes nothing, resets the connection
    CUT_AFTER = auto()  # takes the message, resets the connection
    HTML = auto()  # 200 and a page of somebody in between
    GARBAGE = auto()  # 200 and bytes that are no JSON
    NO_CODE = auto()  # 200 and {}
    TRUNCATED = auto()  # the answer stops in the middle
    HUGE = auto()  # the answer does not end
    SERVER_ERROR = auto()  # 502
    ERROR_WITH_DONE = auto()  # 500, and a body that says done
    TOO_MANY = auto()  # 429
    REDIRECT = auto()  # 302 to another path of the same server


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One message as the group saw it."""

    kind: str
    text: str
    mentioned: frozenset[str]
    everyone: bool
    body: dict[str, Any]

    @property
    def links(self) -> list[str]:
        """What a client would make clickable."""
        return re.findall(r"\[[^\]]*\]\([^)]*\)|https?://\S+|www\.[a-z]\S+", self.text)


@dataclass
class Robot:
    """A robot in a group."""

    platform: str
    token: str
    url: str
    secret: str | None = None
    keywords: tuple[str, ...] = ()
    known: frozenset[str] = frozenset()  # ids and numbers of the members
    cards_refused: bool = False
    seen: list[Seen] = field(default_factory=list)
    requests: int = 0
    taken_at: list[datetime] = field(default_factory=list)
    silent_until: datetime | None = None


Fault = tuple[int, str]


class Platforms:
    """The server. `clock` is the platforms' own time; tests set it."""

    def __init__(self, clock: datetime) -> None:
        self.clock = clock
        self.robots: dict[tuple[str, str], Robot] = {}
        self.troubles: list[Trouble | Fault] = []
        self.visits: list[str] = []
        self._patience = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self.origin = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    def __enter__(self) -> Platforms:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._patience.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def robot(self, platform: str, token: str, **others: Any) -> Robot:
        """A new robot in a new group."""
        path = {
            "wecom": f"/cgi-bin/webhook/send?key={token}",
            "dingtalk": f"/robot/send?access_token={token}",
            "feishu": f"/open-apis/bot/v2/hook/{token}",
        }[platform]
        robot = self.robots[platform, token] = Robot(platform=platform, token=token, url=self.origin + path, **others)
        return robot

    def meets(self, *troubles: Trouble | Fault) -> None:
        """The next requests meet these, one each. A pair is an error number with its text, given before anything is taken."""
        self.troubles += troubles

    def wait(self) -> None:
        self._patience.wait(5)


class _Server(ThreadingHTTPServer):
    daemon_threads = False

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hung up is part of the play."""


def _handler(platforms: Platforms) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def date_time_string(self, timestamp: float | None = None) -> str:
            return format_datetime(platforms.clock.astimezone(UTC), usegmt=True)

        def log_message(self, format: str, *args: object) -> None:
            pass

        def do_GET(self) -> None:
            platforms.visits.append("GET " + self.path)
            self._json(200, {"errcode": 43002, "errmsg": "require POST method"})

        def do_POST(self) -> None:
            platforms.visits.append("POST " + self.path)
            content = self.rfile.read(int(self.headers["Content-Length"]))
            trouble = platforms.troubles.pop(0) if platforms.troubles else None
            parts = urlsplit(self.path)
            platform, number, name = _platform(parts.path)
            if platform is None:
                self._send(404, b"not found", "text/plain")
                return
            if isinstance(trouble, tuple):
                self._json(200, {number: trouble[0], name: trouble[1]})
            elif trouble in (Trouble.CUT_BEFORE, Trouble.REDIRECT, Trouble.TOO_MANY, Trouble.SERVER_ERROR):
                self._untaken(trouble)
            else:
                query = {key: values[0] for key, values in parse_qs(parts.query, keep_blank_values=True).items()}
                kind = self.headers.get("Content-Type", "")
                code, told = _JUDGES[platform](platforms, parts.path, query, kind, content)
                answer = {number: code, name: told}
                if platform == "feishu" and code == 0:
                    answer |= {"StatusCode": 0, "StatusMessage": "success", "data": {}}
                self._taken(trouble, answer)

        def _untaken(self, trouble: Trouble) -> None:
            match trouble:
                case Trouble.CUT_BEFORE:
                    self._reset()
                case Trouble.REDIRECT:
                    self.send_response(302)
                    self.send_header("Location", self.path + "&again=1")
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                case Trouble.TOO_MANY:
                    self._send(429, b"slow down", "text/plain")
                case _:
                    self._send(502, b"<html>bad gateway</html>", "text/html")

        def _taken(self, trouble: Trouble | None, answer: dict[str, Any]) -> None:
            match trouble:
                case None:
                    self._json(200, answer)
                case Trouble.SLOW:
                    platforms.wait()
                case Trouble.CUT_AFTER:
                    self._reset()
                case Trouble.HTML:
                    self._send(200, b"<html><body>login</body></html>", "text/html")
                case Trouble.GARBAGE:
                    self._send(200, b"\xff\xfe{[[[", "application/json")
                case Trouble.NO_CODE:
                    self._json(200, {})
                case Trouble.ERROR_WITH_DONE:
                    self._json(500, answer)
                case Trouble.TRUNCATED:
                    self.send_response(200)
                    self.send_header("Content-Length", "500")
                    self.end_headers()
                    self.wfile.write(b'{"errcode":0,"code":0')
                    self.close_connection = True
                case Trouble.HUGE:
                    self._send(200, json.dumps(answer).encode() + b" " * 200_000, "application/json")

        def _json(self, status: int, answer: dict[str, Any]) -> None:
            self._send(status, json.dumps(answer).encode(), "application/json")

        def _send(self, status: int, content: bytes, kind: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def _reset(self) -> None:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True

    return Handler


def _platform(path: str) -> tuple[str | None, str, str]:
    if path == "/cgi-bin/webhook/send":
        return "wecom", "errcode", "errmsg"
    if path == "/robot/send":
        return "dingtalk", "errcode", "errmsg"
    if path.startswith("/open-apis/bot/v2/hook/"):
        return "feishu", "code", "msg"
    return None, "", ""


def _parsed(content: bytes) -> dict[str, Any] | None:
    try:
        body = json.loads(content.decode("utf-8"))
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def _recent(robot: Robot, now: datetime, within: timedelta) -> int:
    return sum(moment > now - within for moment in robot.taken_at)


def _take(robot: Robot, now: datetime, seen: Seen) -> Fault:
    robot.taken_at.append(now)
    robot.seen.append(seen)
    return 0, "ok"


def _wecom(platforms: Platforms, path: str, query: dict[str, str], kind: str, content: bytes) -> Fault:
    robot = platforms.robots.get(("wecom", query.get("key", "")))
    if robot is None or set(query) != {"key"}:
        return 93000, "invalid webhook url, hint: [1763881200], from ip: 203.0.113.7"
    robot.requests += 1
    if _recent(robot, platforms.clock, timedelta(minutes=1)) >= 20:
        return 45009, "api freq out of limit"
    body = _parsed(content)
    if body is None:
        return 40058, "Warning: wrong json format."
    if rb"\u" in content:
        return 40033, "invalid charset"
    message = str(body.get("msgtype"))
    most = {"text": 2048, "markdown": 4096, "markdown_v2": 4096}.get(message)
    if most is None or set(body) != {"msgtype", message}:
        return 40008, "invalid message type"
    text = body[message].get("content", "")
    if not text.strip():
        return 44004, "empty content"
    if len(text.encode()) > most:
        return 40058, f"{message}.content exceed max length {most}"
    allowed = {"content", "mentioned_list", "mentioned_mobile_list"} if message == "text" else {"content"}
    if not set(body[message]) <= allowed:
        return 40058, "unknown parameter"
    inline = set(re.findall(r"<@([^>]+)>", text)) if message != "markdown_v2" else set()
    called = {*body[message].get("mentioned_list", ()), *body[message].get("mentioned_mobile_list", ())} | inline
    everyone = bool(called & {"@all", "all"})
    mentioned = frozenset(called & robot.known)
    return _take(
        robot, platforms.clock, Seen(kind=message, text=text, mentioned=mentioned, everyone=everyone, body=body)
    )


def _dingtalk(platforms: Platforms, path: str, query: dict[str, str], kind: str, content: bytes) -> Fault:
    robot = platforms.robots.get(("dingtalk", query.get("access_token", "")))
    if robot is None:
        return 300005, "token is not exist"
    robot.requests += 1
    now = platforms.clock
    if robot.silent_until is not None and now < robot.silent_until:
        return 130101, "send too fast, exceed 20 times per minute"
    if _recent(robot, now, timedelta(minutes=1)) >= 20:
        robot.silent_until = now + timedelta(minutes=10)
        return 130101, "send too fast, exceed 20 times per minute"
    if not kind.startswith("application/json"):
        return 43004, "invalid content type"
    if len(content) > 20_000:
        return 460101, "message too long, exceed 20000 bytes"
    body = _parsed(content)
    if body is None or body.get("msgtype") not in ("text", "markdown"):
        return 400105, "unsupported msgtype"
    if robot.secret is not None:
        if not re.fullmatch(r"\d{13}", query.get("timestamp", "")):
            return 310000, "invalid timestamp"
        moment = datetime.fromtimestamp(int(query["timestamp"]) / 1000, UTC)
        if abs(moment - now) > timedelta(hours=1):
            return 310000, "invalid timestamp"
        signed = hmac.new(robot.secret.encode(), f"{query['timestamp']}\n{robot.secret}".encode(), hashlib.sha256)
        if query.get("sign") != base64.b64encode(signed.digest()).decode():
            return 310000, "sign not match"
    part = body.get(body["msgtype"], {})
    text = part.get("text" if body["msgtype"] == "markdown" else "content", "")
    if not text.strip() or (body["msgtype"] == "markdown" and not part.get("title")):
        return 40035, "missing parameter"
    if robot.keywords and not any(word in text for word in robot.keywords):
        return 310000, "keywords not in content"
    at = body.get("at", {})
    called = {*at.get("atMobiles", ()), *at.get("atUserIds", ())}
    written = {person for person in called if f"@{person}" in text}
    mentioned = frozenset(written & robot.known)
    everyone = at.get("isAtAll") is True
    return _take(robot, now, Seen(kind=body["msgtype"], text=text, mentioned=mentioned, everyone=everyone, body=body))


def _feishu(platforms: Platforms, path: str, query: dict[str, str], kind: str, content: bytes) -> Fault:
    robot = platforms.robots.get(("feishu", path.removeprefix("/open-apis/bot/v2/hook/")))
    if robot is None:
        return 19001, "param invalid: incoming webhook access token invalid"
    robot.requests += 1
    now = platforms.clock
    if _recent(robot, now, timedelta(minutes=1)) >= 100 or _recent(robot, now, timedelta(seconds=1)) >= 5:
        return 11232, "frequency limited psm[lark.oapi.app_platform_runtime]appID[1500]"
    body = _parsed(content)
    if body is None or not kind.startswith("application/json") or len(content) > 20_000:
        return 9499, "Bad Request"
    if robot.secret is not None:
        stamp = str(body.get("timestamp", ""))
        moment = datetime.fromtimestamp(int(stamp), UTC) if re.fullmatch(r"\d{10}", stamp) else None
        signed = hmac.new(f"{stamp}\n{robot.secret}".encode(), b"", hashlib.sha256)
        fresh = moment is not None and abs(moment - now) <= timedelta(hours=1)
        if not fresh or body.get("sign") != base64.b64encode(signed.digest()).decode():
            return 19021, "sign match fail or timestamp is not within one hour from current time"
    if body.get("msg_type") == "text":
        text = body.get("content", {}).get("text", "")
        called = set(re.findall(r'<at user_id="([^"]*)">', text))
    elif body.get("msg_type") == "interactive":
        card = body.get("card")
        if not isinstance(card, dict) or set(card) - {"schema", "config", "header", "body"} or card["schema"] != "2.0":
            return 9499, "params error, unknown card value"
        if robot.cards_refused:
            return 11246, "Failed to create card content, ext=ErrCode: 11310; ErrMsg: unsupported type of block"
        elements = card["body"]["elements"]
        if not all(set(element) == {"tag", "content"} and element["tag"] == "markdown" for element in elements):
            return 11246, "Failed to create card content, ext=ErrCode: 200410; unsupported tag"
        words = "\n".join(element["content"] for element in elements)
        text = card["header"]["title"]["content"] + "\n" + words
        called = set(re.findall(r"<at id=([^>\s]*)></at>", words))
        if re.search(r"<(?!at id=[^>\s]*>|/at>|font color='(?:green|red|grey)'>|/font>)[^\s]", words):
            return 11246, "Failed to create card content, ext=ErrCode: 200861; unsupported type of html tag"
        if called - robot.known - {"all"}:
            return 11246, "Failed to create card content, ext=ErrCode: 100290; invalid user resource (at/person)"
    else:
        return 19002, "params error, msg_type need"
    if not text.strip():
        return 19002, "params error, text is empty"
    if robot.keywords and not any(word in text for word in robot.keywords):
        return 19024, "Key Words Not Found"
    mentioned = frozenset(called & robot.known)
    return _take(
        robot, now, Seen(kind=body["msg_type"], text=text, mentioned=mentioned, everyone="all" in called, body=body)
    )


_JUDGES: dict[str, Callable[[Platforms, str, dict[str, str], str, bytes], Fault]] = {
    "wecom": _wecom,
    "dingtalk": _dingtalk,
    "feishu": _feishu,
}
