"""WeCom, DingTalk and Feishu on one loopback server: their paths, signatures, limits, paces and
error numbers.

Written from the platforms' documentation, not from our code. It records what a group would really
have seen. Beside them stands a receiver of the operator's own, who knows his sender by a bearer
token and answers with the HTTP status alone.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from enum import Enum, auto
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

CERTIFICATE = str(Path(__file__).parent / "loopback.pem")
"""Of this machine talking to itself, key and all; whoever trusts it trusts only the tests."""


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
    AWAY = auto()  # 503, come again in 20 seconds
    NOT_FOUND = auto()  # 404 and a page
    FORBIDDEN = auto()  # 403 and a page
    TOO_SLOWLY = auto()  # 408
    REDIRECT = auto()  # 302 to another path of the same server
    # 307 to a target that cannot be taken apart, under a body that does not end
    REDIRECT_WITH_BODY = auto()
    UNREADABLE = auto()  # a status line that is none


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One message as the group saw it: `text` is what stands on the screen before anybody taps or
    turns a page.
    """

    kind: str
    text: str
    mentioned: frozenset[str]
    everyone: bool
    body: dict[str, Any]
    name: str = ""  # of a file
    content: bytes = b""  # of a picture or a file

    @property
    def links(self) -> list[str]:
        """What a client would make clickable."""
        return re.findall(r"\[[^\]]*\]\([^)]*\)|https?://\S+|www\.[a-z]\S+", self.text)


@dataclass(frozen=True, kw_only=True)
class Media:
    """A file that was uploaded."""

    name: str
    content: bytes
    at: datetime


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
    markdown_refused: bool = False  # an edition that knows only text
    most: int | None = None  # a limit of bytes below the documented one
    media: dict[str, Media] = field(default_factory=dict)  # what was uploaded for it
    seen: list[Seen] = field(default_factory=list)
    requests: int = 0
    taken_at: list[datetime] = field(default_factory=list)
    silent_until: datetime | None = None
    troubles: list[Trouble | Fault] = field(default_factory=list)  # what its next requests meet


Fault = tuple[int, str]


class Platforms:
    """The server. `clock` is the platforms' own time, which tests set; or a function, for a play in
    real time.

    `pause` is how many seconds every answer takes; `tls` speaks https with the certificate of the
    tests.
    """

    def __init__(
        self, clock: datetime | Callable[[], datetime], *, pause: float = 0.0, tls: bool = False
    ) -> None:
        self.clock = clock
        self.pause = pause
        self.lock = threading.Lock()
        self.robots: dict[tuple[str, str], Robot] = {}
        self.troubles: list[Trouble | Fault] = []
        self.visits: list[str] = []
        self.pictures: dict[str, bytes] = {}  # what the app of Feishu has handed over, by image_key
        self._patience = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(CERTIFICATE)
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self.origin = f"http{'s' if tls else ''}://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}
        )

    def __enter__(self) -> Platforms:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._patience.set()
        self._server.shutdown()
        self._thread.join()
        self.hang_up()
        self._server.server_close()

    @property
    def opened(self) -> int:
        """How many connections it was ever asked for."""
        return self._server.opened

    def hang_up(self) -> None:
        """Ends every connection, as a platform does that is restarted or tired of waiting."""
        for connection in list(self._server.open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    @property
    def now(self) -> datetime:
        """The platforms' time."""
        return self.clock() if callable(self.clock) else self.clock

    def robot(self, platform: str, token: str, **others: Any) -> Robot:
        """A new robot in a new group."""
        path = {
            "wecom": f"/cgi-bin/webhook/send?key={token}",
            "dingtalk": f"/robot/send?access_token={token}",
            "feishu": f"/open-apis/bot/v2/hook/{token}",
            "webhook": f"/reports/{token}?from=bureau",
        }[platform]
        robot = self.robots[platform, token] = Robot(
            platform=platform, token=token, url=self.origin + path, **others
        )
        return robot

    def meets(self, *troubles: Trouble | Fault) -> None:
        """The next requests to any robot meet these, one each; `Robot.troubles` is for one robot.

        A pair is an error number with its text, given before anything is taken.
        """
        self.troubles += troubles

    def trouble_of(self, robot: Robot | None) -> Trouble | Fault | None:
        """What the next request to this robot meets, taken off the list."""
        with self.lock:
            for troubles in (self.troubles, robot.troubles if robot else []):
                if troubles:
                    return troubles.pop(0)
        return None

    def wait(self) -> None:
        self._patience.wait(5)


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    request_queue_size = 256

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.open: set[socket.socket] = set()
        self.opened = 0

    def process_request(self, request: Any, client_address: Any) -> None:
        self.open.add(request)
        self.opened += 1
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self.open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hung up is part of the play."""


def _handler(platforms: Platforms) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        disable_nagle_algorithm = True

        def date_time_string(self, timestamp: float | None = None) -> str:
            return format_datetime(platforms.now.astimezone(UTC), usegmt=True)

        def log_message(self, format: str, *args: object) -> None:
            pass

        def do_GET(self) -> None:
            platforms.visits.append("GET " + self.path)
            self._json(200, {"errcode": 43002, "errmsg": "require POST method"})

        def do_POST(self) -> None:
            platforms.visits.append("POST " + self.path)
            content = self.rfile.read(int(self.headers["Content-Length"]))
            time.sleep(platforms.pause)
            parts = urlsplit(self.path)
            if parts.path in (TOKENS, IMAGES):
                self._json(200, _app(platforms, parts.path, content, self.headers))
                return
            query = {
                key: values[0]
                for key, values in parse_qs(parts.query, keep_blank_values=True).items()
            }
            platform, token = _whose(parts.path, query)
            if platform is None:
                self._send(404, b"not found", "text/plain")
                return
            robot = platforms.robots.get((platform, token))
            trouble = platforms.trouble_of(robot)
            number, name = ("code", "msg") if platform == "feishu" else ("errcode", "errmsg")
            if isinstance(trouble, tuple) and platform == "webhook":
                self._send(trouble[0], trouble[1].encode(), "text/plain")
            elif isinstance(trouble, tuple):
                self._json(200, {number: trouble[0], name: trouble[1]})
            elif trouble in _UNTAKEN:
                self._untaken(trouble)
            else:
                request = _Request(
                    robot=robot,
                    now=platforms.now,
                    query=query,
                    kind=self.headers.get("Content-Type", ""),
                    token=self.headers.get("Authorization", ""),
                    content=content,
                    pictures=platforms.pictures,
                )
                with platforms.lock:
                    code, told = _JUDGES[platform if parts.path != UPLOAD else "upload"](request)
                if platform == "webhook" and trouble is None:
                    self._send(code or 201, told.encode(), "text/plain")
                    return
                answer: dict[str, Any] = {number: code, name: told}
                if parts.path == UPLOAD and code == 0:
                    answer = {
                        number: 0,
                        name: "ok",
                        "type": "file",
                        "media_id": told,
                        "created_at": "1380000000",
                    }
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
                case Trouble.REDIRECT_WITH_BODY:
                    self.send_response(307)
                    self.send_header("Location", "http://[evil" + self.path)
                    self.end_headers()
                    for _ in range(200):
                        self.wfile.write(b"x" * 65_536)
                    self.close_connection = True
                case Trouble.UNREADABLE:
                    self.wfile.write(b"ICY what?\r\n\r\n")
                    self.close_connection = True
                case Trouble.TOO_MANY:
                    self._send(429, b"slow down", "text/plain")
                case Trouble.AWAY:
                    self._send(503, b"back soon", "text/plain", {"Retry-After": "20"})
                case Trouble.NOT_FOUND:
                    self._send(404, b"<html>nothing here</html>", "text/html")
                case Trouble.FORBIDDEN:
                    self._send(403, b"<html>not for you</html>", "text/html")
                case Trouble.TOO_SLOWLY:
                    self._send(408, b"", "text/plain")
                case _:
                    self._send(502, b"<html>bad gateway</html>", "text/html")

        def _taken(self, trouble: Trouble | None, answer: dict[str, Any]) -> None:
            match trouble:
                case None:
                    self._json(200, answer)
                case Trouble.SLOW:
                    platforms.wait()
                    self.close_connection = True
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
                    self._send(
                        200, json.dumps(answer).encode() + b" " * 200_000, "application/json"
                    )

        def _json(self, status: int, answer: dict[str, Any]) -> None:
            self._send(status, json.dumps(answer).encode(), "application/json")

        def _send(
            self, status: int, content: bytes, kind: str, others: dict[str, str] | None = None
        ) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            for name, value in (others or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def _reset(self) -> None:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True

    return Handler


_UNTAKEN = {
    Trouble.CUT_BEFORE,
    Trouble.REDIRECT,
    Trouble.REDIRECT_WITH_BODY,
    Trouble.UNREADABLE,
    Trouble.TOO_MANY,
    Trouble.SERVER_ERROR,
    Trouble.AWAY,
    Trouble.NOT_FOUND,
    Trouble.FORBIDDEN,
    Trouble.TOO_SLOWLY,
}


@dataclass(frozen=True, kw_only=True)
class _Request:
    """What a platform is asked: by which robot (None: it knows none of that token), when, and the
    bytes.
    """

    robot: Robot | None
    now: datetime
    query: dict[str, str]
    kind: str
    token: str
    content: bytes
    pictures: dict[str, bytes]


UPLOAD = "/cgi-bin/webhook/upload_media"


TOKENS, IMAGES = "/open-apis/auth/v3/tenant_access_token/internal", "/open-apis/im/v1/images"
APP_ID, APP_SECRET, APP_TOKEN = "cli_0001", "app-s3cret-of-feishu", "t-g104-tenant-token"


def _app(platforms: Platforms, path: str, content: bytes, headers: Any) -> dict[str, Any]:
    """The API of Feishu's apps as far as a picture needs it: a token for the secret, a key for the
    picture.
    """
    if path == TOKENS:
        asked = _parsed(content) or {}
        if asked != {"app_id": APP_ID, "app_secret": APP_SECRET}:
            return {"code": 10014, "msg": f"app secret invalid: {asked.get('app_secret')}"}
        return {"code": 0, "msg": "ok", "tenant_access_token": APP_TOKEN, "expire": 7200}
    if headers.get("Authorization") != f"Bearer {APP_TOKEN}":
        return {"code": 99991663, "msg": "Invalid access token for authorization"}
    fields = _form(headers.get("Content-Type", ""), content)
    picture = fields.get("image", ("", b""))[1]
    if (
        fields.get("image_type", ("", b""))[1] != b"message"
        or not 0 < len(picture) <= 10 * 1024 * 1024
    ):
        return {"code": 234001, "msg": "Invalid request param."}
    key = f"img_v3_{len(platforms.pictures):04}"
    platforms.pictures[key] = picture
    return {"code": 0, "msg": "success", "data": {"image_key": key}}


def _form(kind: str, content: bytes) -> dict[str, tuple[str, bytes]]:
    """Form data: of each part its file name and its content, by name."""
    boundary = re.fullmatch(r"multipart/form-data; boundary=([\w-]{1,70})", kind)
    parts = content.split(b"--" + boundary[1].encode())[1:-1] if boundary else []
    found = {}
    for part in parts:
        head, _, value = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        named = dict(re.findall(r'(name|filename)="([^"]*)"', head.decode()))
        found[named["name"]] = named.get("filename", ""), value.removesuffix(b"\r\n")
    return found


def _whose(path: str, query: dict[str, str]) -> tuple[str | None, str]:
    hook = "/open-apis/bot/v2/hook/"
    if path in ("/cgi-bin/webhook/send", UPLOAD):
        return "wecom", query.get("key", "")
    if path == "/robot/send":
        return "dingtalk", query.get("access_token", "")
    if path.startswith(hook):
        return "feishu", path.removeprefix(hook)
    if path.startswith("/reports/"):
        return "webhook", path.removeprefix("/reports/")
    return None, ""


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


def _wecom(request: _Request) -> Fault:
    robot = request.robot
    if robot is None or set(request.query) != {"key"}:
        return 93000, "invalid webhook url, hint: [1763881200], from ip: 203.0.113.7"
    robot.requests += 1
    if _recent(robot, request.now, timedelta(minutes=1)) >= 20:
        return 45009, "api freq out of limit"
    body = _parsed(request.content)
    if body is None:
        return 40058, "Warning: wrong json format."
    if rb"\u" in request.content:
        return 40033, "invalid charset"
    message = str(body.get("msgtype"))
    most = {"text": 2048, "markdown": 4096, "markdown_v2": 4096}.get(message)
    if message in ("image", "file") and set(body) == {"msgtype", message}:
        seen = (
            _wecom_picture(body[message])
            if message == "image"
            else _wecom_file(request, robot, body[message])
        )
        return (
            seen if isinstance(seen, tuple) else _take(robot, request.now, replace(seen, body=body))
        )
    if (
        most is None
        or set(body) != {"msgtype", message}
        or (robot.markdown_refused and message != "text")
    ):
        return 40008, "invalid message type"
    most = min(most, robot.most or most)
    part = body[message]
    text = part.get("content") if isinstance(part, dict) else None
    if not isinstance(text, str):
        return 40063, "some parameters are empty"
    if not text.strip():
        return 44004, "empty content"
    if len(text.encode()) > most:
        return 40058, f"{message}.content exceed max length {most}"
    allowed = (
        {"content", "mentioned_list", "mentioned_mobile_list"} if message == "text" else {"content"}
    )
    lists = [value for name, value in part.items() if name != "content"]
    if not set(part) <= allowed or not all(isinstance(value, list) for value in lists):
        return 40058, "invalid parameter"
    inline = set(re.findall(r"<@([^>]+)>", text)) if message != "markdown_v2" else set()
    called = {person for people in lists for person in people} | inline
    return _take(
        robot,
        request.now,
        Seen(
            kind=message,
            text=text,
            mentioned=frozenset(called & robot.known),
            everyone=bool(called & {"@all", "all"}),
            body=body,
        ),
    )


def _wecom_picture(part: Any) -> Seen | Fault:
    if not isinstance(part, dict) or set(part) != {"base64", "md5"}:
        return 40063, "some parameters are empty"
    try:
        content = base64.b64decode(part["base64"], validate=True)
    except ValueError:
        return 40058, "invalid base64"
    if len(content) > 2 * 1024 * 1024:
        return 40009, "invalid image size"
    if not content.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")):
        return 40005, "invalid file type"
    if part["md5"] != hashlib.md5(content).hexdigest():
        return 40058, "md5 does not match"
    return Seen(
        kind="image", text="", mentioned=frozenset(), everyone=False, body={}, content=content
    )


def _wecom_file(request: _Request, robot: Robot, part: Any) -> Seen | Fault:
    if not isinstance(part, dict) or set(part) != {"media_id"}:
        return 41006, "missing media_id"
    media = robot.media.get(part["media_id"])
    if media is None or request.now - media.at > timedelta(days=3):
        return 40007, "invalid media_id"
    return Seen(
        kind="file",
        text="",
        mentioned=frozenset(),
        everyone=False,
        body={},
        name=media.name,
        content=media.content,
    )


def _upload(request: _Request) -> Fault:
    """Takes a file for one robot; the words of the answer are its media_id."""
    robot = request.robot
    if robot is None or set(request.query) != {"key", "type"}:
        return 93000, "invalid webhook url, hint: [1763881200], from ip: 203.0.113.7"
    if request.query["type"] != "file":
        return 40004, "invalid media type"
    boundary = re.fullmatch(r"multipart/form-data; boundary=([\w-]{1,70})", request.kind)
    parts = request.content.split(b"--" + boundary[1].encode()) if boundary else []
    if len(parts) != 3 or parts[0] or parts[2] != b"--\r\n" or not parts[1].endswith(b"\r\n"):
        return 40058, "invalid form data"
    head, _, content = parts[1].removeprefix(b"\r\n").partition(b"\r\n\r\n")
    content = content[:-2]
    lines = head.decode().split("\r\n")
    named = re.fullmatch(
        r'Content-Disposition: form-data; name="media"; ?filename="([^"]+)"; ?filelength=(\d+)',
        lines[0],
    )
    if (
        named is None
        or "Content-Type: application/octet-stream" not in lines
        or int(named[2]) != len(content)
    ):
        return 41005, "media data missing"
    if len(content) <= 5:
        return 40006, "invalid file size"
    if len(content) > 20 * 1024 * 1024:
        return 45001, "media file is too big"
    media_id = f"media-{robot.token[:4]}-{len(robot.media)}"
    robot.media[media_id] = Media(name=named[1], content=content, at=request.now)
    return 0, media_id


def _dingtalk(request: _Request) -> Fault:
    robot, now, query = request.robot, request.now, request.query
    if robot is None:
        return (
            (300005, "token is not exist")
            if query.get("access_token")
            else (88, "access_token is empty")
        )
    robot.requests += 1
    if robot.silent_until is not None and now < robot.silent_until:
        return 410100, "sending too fast, limited"
    if _recent(robot, now, timedelta(minutes=1)) >= 20:
        robot.silent_until = now + timedelta(minutes=10)
        return 130101, "send too fast, exceed 20 times per minute"
    if not request.kind.startswith("application/json"):
        return 43004, "invalid content type"
    if len(request.content) > (robot.most or 20_000):
        return 460101, "message too long, exceed 20000 bytes"
    body = _parsed(request.content)
    if body is None or body.get("msgtype") not in (
        ("text",) if robot.markdown_refused else ("text", "markdown")
    ):
        return 400105, "unsupported msgtype"
    if robot.secret is not None:
        if not re.fullmatch(r"\d{13}", query.get("timestamp", "")):
            return 310000, "invalid timestamp"
        moment = datetime.fromtimestamp(int(query["timestamp"]) / 1000, UTC)
        if abs(moment - now) > timedelta(hours=1):
            return 310000, "invalid timestamp"
        signed = hmac.new(
            robot.secret.encode(), f"{query['timestamp']}\n{robot.secret}".encode(), hashlib.sha256
        )
        if query.get("sign") != base64.b64encode(signed.digest()).decode():
            return 310000, "sign not match"
    kind = body["msgtype"]
    part, at = body.get(kind), body.get("at", {})
    if (
        not isinstance(part, dict)
        or not isinstance(at, dict)
        or set(body) - {"msgtype", kind, "at"}
    ):
        return 40035, "missing parameter"
    text = part.get("text" if kind == "markdown" else "content", "")
    if not text.strip() or (kind == "markdown" and not part.get("title")):
        return 40035, "missing parameter"
    if robot.keywords and not any(word in text for word in robot.keywords):
        return 310000, "keywords not in content"
    called = {*at.get("atMobiles", ()), *at.get("atUserIds", ())}
    written = {person for person in called if f"@{person}" in text}
    return _take(
        robot,
        now,
        Seen(
            kind=kind,
            text=_dingtalk_screen(text) if kind == "markdown" else text,
            mentioned=frozenset(written & robot.known),
            everyone=at.get("isAtAll") is True,
            body=body,
        ),
    )


def _dingtalk_screen(markdown: str) -> str:
    """Markdown as its clients lay it out: a single line break is swallowed, unless a list, a
    heading or two blanks keep it.
    """
    screen = ""
    for line in markdown.split("\n"):
        kept = (
            not screen
            or screen.endswith(("\n", "  "))
            or not line
            or re.match(r"[-*] |\d+\. |#+ |> ", line)
        )
        screen += ("\n" if kept and screen else "" if not screen else " ") + line
    return screen


def _feishu(request: _Request) -> Fault:
    robot, now = request.robot, request.now
    if robot is None:
        return 19001, "param invalid: incoming webhook access token invalid"
    robot.requests += 1
    if (
        _recent(robot, now, timedelta(minutes=1)) >= 100
        or _recent(robot, now, timedelta(seconds=1)) >= 5
    ):
        return 11232, "frequency limited psm[lark.oapi.app_platform_runtime]appID[1500]"
    body = _parsed(request.content)
    if (
        body is None
        or not request.kind.startswith("application/json")
        or len(request.content) > (robot.most or 20_000)
    ):
        return 9499, "Bad Request"
    if robot.secret is not None:
        stamp = body.get("timestamp")
        moment = (
            datetime.fromtimestamp(int(stamp), UTC)
            if isinstance(stamp, str) and re.fullmatch(r"\d{10}", stamp)
            else None
        )
        signed = hmac.new(f"{stamp}\n{robot.secret}".encode(), b"", hashlib.sha256)
        fresh = moment is not None and abs(moment - now) <= timedelta(hours=1)
        if not fresh or body.get("sign") != base64.b64encode(signed.digest()).decode():
            return 19021, "sign match fail or timestamp is not within one hour from current time"
    kind = body.get("msg_type")
    if kind == "text":
        content = body.get("content")
        text = content.get("text", "") if isinstance(content, dict) else ""
        called = set(re.findall(r'<at user_id="([^"]*)">', text))
    elif kind == "interactive":
        card = body.get("card")
        if not isinstance(card, dict) or "content" in body:
            return 19002, "params error, unknown card value"
        if robot.cards_refused:
            return _card_refused("11310; ErrMsg: unsupported type of block")
        try:
            text, called = _card(card)
        except (KeyError, TypeError, AttributeError) as fault:
            return _card_refused(f"200621; ErrMsg: parse card json err, {type(fault).__name__}")
        except ValueError as fault:
            return _card_refused(str(fault))
        if called - robot.known - {"all"}:
            return _card_refused("100290; ErrMsg: invalid user resource (at/person)")
    elif kind == "image":
        key = body.get("content", {}).get("image_key", "")
        if key not in request.pictures:
            return 19002, "params error, image_key invalid"
        picture = Seen(
            kind="image",
            text="",
            mentioned=frozenset(),
            everyone=False,
            body=body,
            content=request.pictures[key],
        )
        return _take(robot, now, picture)
    else:
        return 19002, "params error, msg_type need"
    if not text.strip():
        return 19002, "params error, text is empty"
    if robot.keywords and not any(word in text for word in robot.keywords):
        return 19024, "Key Words Not Found"
    return _take(
        robot,
        now,
        Seen(
            kind=kind,
            text=text,
            mentioned=frozenset(called & robot.known),
            everyone="all" in called,
            body=body,
        ),
    )


def _card_refused(inner: str) -> Fault:
    return 11246, f"Failed to create card content, ext=ErrCode: {inner}"


def _card(card: dict[str, Any]) -> tuple[str, set[str]]:
    """A card of JSON 2.0 as the screen first shows it, and whom it calls; ValueError with the inner
    code of a fault.
    """
    _only(card, {"schema", "config", "header", "body"})
    _only(card["header"], {"title", "template", "subtitle"})
    _only(card["body"], {"elements"})
    if card["schema"] != "2.0" or card["header"]["title"]["tag"] != "plain_text":
        raise ValueError("200621; ErrMsg: unknown schema")
    elements = card["body"]["elements"]
    if len(elements) > 200 or sum(element["tag"] == "table" for element in elements) > 5:
        raise ValueError("11310; ErrMsg: card table number over limit")
    lines, called = [card["header"]["title"]["content"]], set()
    for element in elements:
        match element["tag"]:
            case "markdown":
                _only(element, {"tag", "content"})
                words: str = element["content"]
                if re.search(
                    r"<(?!at id=[^>\s]*>|/at>|font color='(?:green|red|grey)'>|/font>)[^\s]", words
                ):
                    raise ValueError("200861; ErrMsg: unsupported type of html tag")
                if len(re.findall(r"^\|(?: ?:?-+:? ?\|)+$", words, re.MULTILINE)) > 3:
                    raise ValueError("11310; ErrMsg: card table number over limit")
                called |= set(re.findall(r"<at id=([^>\s]*)></at>", words))
                lines.append(_five_rows(words[:10_000]))
            case "table":
                lines += _table(element)
            case tag:
                raise ValueError(f"200410; ErrMsg: not support tag: {tag}")
    return "\n".join(lines), called


def _table(element: dict[str, Any]) -> list[str]:
    """The rows of a table component before anybody turns its page."""
    _only(element, {"tag", "page_size", "row_height", "header_style", "columns", "rows"})
    page_size = element.get("page_size", 5)
    if type(page_size) is not int or not 1 <= page_size <= 10 or not element["columns"]:
        raise ValueError("200621; ErrMsg: table page_size invalid")
    _only(
        element.get("header_style", {}),
        {"text_align", "text_size", "background_style", "text_color", "bold", "lines"},
    )
    names = []
    for column in element["columns"][:50]:
        _only(
            column,
            {"name", "display_name", "width", "data_type", "vertical_align", "horizontal_align"},
        )
        if column["data_type"] != "text":
            raise ValueError("200621; ErrMsg: only plain text is played here")
        names.append(column["name"])
    lines = [" | ".join(column["display_name"] for column in element["columns"][:50])]
    for row in element["rows"]:
        if not set(row) <= set(names) or not all(isinstance(cell, str) for cell in row.values()):
            raise ValueError("200621; ErrMsg: table row invalid")
    return lines + [
        " | ".join(row.get(name, "") for name in names) for row in element["rows"][:page_size]
    ]


def _five_rows(markdown: str) -> str:
    """A table in markdown shows its first five rows; the others are behind a page nobody turns."""
    shown, rows = [], -1
    for line in markdown.split("\n"):
        if not line.startswith("|"):
            rows = -1
        elif re.fullmatch(r"\|(?: ?:?-+:? ?\|)+", line):
            rows = 0
        elif rows >= 0:
            rows += 1
        if rows <= 5:
            shown.append(line)
    return "\n".join(shown)


def _only(part: dict[str, Any], allowed: set[str]) -> None:
    if unknown := set(part) - allowed:
        raise ValueError(f"200621; ErrMsg: unknown property, property: {sorted(unknown)[0]}")


def _receiver(request: _Request) -> Fault:
    robot = request.robot
    if robot is None:
        return 410, "gone"
    robot.requests += 1
    if robot.secret is not None and request.token != f"Bearer {robot.secret}":
        return 401, "who are you?"
    body = _parsed(request.content)
    if (
        body is None
        or not request.kind.startswith("application/json")
        or request.query != {"from": "bureau"}
    ):
        return 400, "what?"
    rows = body["table"]["rows"] if body.get("table") else []
    text = "\n".join([body["title"], body["text"], *(" | ".join(row) for row in rows)])
    seen = Seen(kind="json", text=text, mentioned=frozenset(), everyone=False, body=body)
    return _take(robot, request.now, seen)


_JUDGES: dict[str, Callable[[_Request], Fault]] = {
    "wecom": _wecom,
    "upload": _upload,
    "dingtalk": _dingtalk,
    "feishu": _feishu,
    "webhook": _receiver,
}
