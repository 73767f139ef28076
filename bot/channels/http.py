"""The one door to the platforms: an address is taken apart and checked, a body is posted, and what
came back is told truly.
"""

from __future__ import annotations

import json
import logging
import re
import socket
import ssl
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cached_property
from ipaddress import ip_address
from secrets import token_hex
from threading import Lock
from typing import Any
from urllib.parse import SplitResult, quote, urlencode, urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH

from bot.channels.channel import Address
from bot.channels.error_actions import Tally
from bot.channels.sanitize import one_line
from bot.domain.notices.answer import NoAnswer, Refused, TryLater
from bot.domain.notices.codes import StepCode, stated
from bot.domain.notices.notice import phones_masked

WECOM_HOSTS = ("qyapi.weixin.qq.com",)
DINGTALK_HOSTS = ("oapi.dingtalk.com", "api.dingtalk.com")
FEISHU_HOSTS = ("open.feishu.cn", "open.larksuite.com")
PLATFORM_HOSTS = (*WECOM_HOSTS, *DINGTALK_HOSTS, *FEISHU_HOSTS)

MOST_READ = 65_536
PIECE = 65_536
NOT_REACHED = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)
RESTED = 2.0
"""Seconds after its last answer for which a connection is used again. Servers close one that rests
after five or more.
"""

_TOKEN = re.compile(r"[A-Za-z0-9._~-]{1,256}")
_ASKED = {"Accept-Encoding": "identity", "User-Agent": "diaodu"}
_DEFAULT_PORTS = {"https": 443, "http": 80}

# These loggers write whole addresses, and an address is a password: at DEBUG for every request, at
# WARNING for odd headers.
for _name in ("urllib3.connectionpool", "urllib3.util.retry"):
    logging.getLogger(_name).addFilter(lambda _record: False)


@dataclass(frozen=True, kw_only=True)
class HttpEndpoint:
    """An address that passed: the origin we post to, rebuilt by us, and the robot's token (of a
    plain hook, its whole path).
    """

    origin: str
    token: str = field(repr=False)
    secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class Response:
    """What came back whole within the limits: `answer` is its JSON object (empty if it was none),
    `date` the platform's clock.
    """

    status: int
    answer: Mapping[str, Any] = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    date: datetime | None

    def code(self, *names: str) -> int | None:
        """The platform's own number under the first of `names` that is there; None when it is no
        whole number.
        """
        for name in names:
            if name in self.answer:
                value = self.answer[name]
                if isinstance(value, str) and re.fullmatch(r"-?\d{1,12}", value, re.ASCII):
                    return int(value)
                return value if isinstance(value, int) and not isinstance(value, bool) else None
        return None

    def wait(self, name: str, otherwise: timedelta) -> timedelta:
        """The seconds a header asks us to wait, at most an hour; `otherwise` when it does not
        say.
        """
        asked = self.headers.get(name, "")
        return (
            min(timedelta(seconds=int(asked)), LONGEST_WAIT)
            if re.fullmatch(r"[0-9]{1,9}", asked)
            else otherwise
        )


class _Body:
    """The bytes of a request, remembering whether the last of them left: before that moment nothing
    can have been taken.
    """

    def __init__(self, content: bytes, ends: float) -> None:
        self._content, self._ends = content, ends
        self.left = False

    def __len__(self) -> int:
        return len(self._content)

    def __iter__(self) -> Iterator[bytes]:
        # In pieces: the timeout of the socket is for one of them, and a picture over a village line
        # takes its time.
        for at in range(0, len(self._content), PIECE):
            if time.monotonic() > self._ends:
                raise TimeoutError
            self.left = at + PIECE >= len(self._content)
            yield self._content[at : at + PIECE]


class Http:
    """Posts JSON to the allowed hosts and nowhere else."""

    def __init__(
        self,
        hosts: Sequence[str] = PLATFORM_HOSTS,
        *,
        ca_file: str | None = None,
        connect: float = 5.0,
        read: float = 15.0,
        whole: float = 30.0,
        tally: Tally | None = None,
    ) -> None:
        """`hosts` are names (https, port 443) or whole origins. `ca_file`: whom to trust instead of
        the public authorities.

        `tally` counts what the platforms answer. The rest are seconds. ValueError names an entry of
        `hosts` that is neither.
        """
        self._allowed = frozenset(origin_of_entry(entry) for entry in hosts)
        self._ca_file = ca_file or DEFAULT_CA_BUNDLE_PATH
        self._timeout = (connect, read)
        self._whole = whole
        self._kept = _Kept()
        self.tally = tally or Tally()

    def endpoint(
        self, address: Address, *, own: Sequence[str], path: str, parameter: str | None = None
    ) -> HttpEndpoint | Refused:
        """The configured address taken apart, or why it may not be used. `own` are the platform's
        hosts, `path` its path; the token stands in the query under `parameter`, or without one at
        the end of the path.
        """
        found = self._taken_apart(address)
        if isinstance(found, Refused):
            return found
        origin, parts = found
        if parts.hostname in PLATFORM_HOSTS and parts.hostname not in own:
            return _refused_address(StepCode.ADDRESS_OTHER_PLATFORM)
        if parameter is None:
            token = (
                parts.path.removeprefix(path).removesuffix("/")
                if parts.path.startswith(path)
                else ""
            )
        else:
            values = re.findall(rf"(?:^|&){parameter}=([^&]*)", parts.query)
            token = values[0] if parts.path == path and len(values) == 1 else ""
        if not _TOKEN.fullmatch(token):
            return _refused_address(StepCode.ADDRESS_NO_ROBOT)
        return HttpEndpoint(origin=origin, token=token, secret=address.secret or None)

    def api(self, origin: str, *, own: Sequence[str], secret: str) -> HttpEndpoint | Refused:
        """A platform's API at one of its `own` hosts, or of a host the installation allows;
        `secret` is masked in what it tells.
        """
        found = self._taken_apart(Address(origin))
        if isinstance(found, Refused):
            return found
        if found[1].hostname in PLATFORM_HOSTS and found[1].hostname not in own:
            return _refused_address(StepCode.ADDRESS_OTHER_API)
        return HttpEndpoint(origin=found[0], token=secret)

    def may_connect(self, address: str, *, under: Sequence[str]) -> bool:
        """Whether a WebSocket may be opened there: TLS to a host under one of these names
        (`.dingtalk.com`), or an allowed origin.
        """
        if re.search(r"[^\x21-\x7e]|\\", address):
            return False
        try:
            parts = urlsplit(address)
            port = parts.port or {"wss": 443, "ws": 80}.get(parts.scheme, 0)
        except ValueError:
            return False
        host = parts.hostname or ""
        if not host or "@" in parts.netloc or parts.fragment:
            return False
        if parts.scheme == "wss" and port == 443 and host.endswith(tuple(under)):
            return True
        return ({"wss": "https", "ws": "http"}.get(parts.scheme, ""), host, port) in self._allowed

    def hook(self, address: Address) -> HttpEndpoint | Refused:
        """The address of a receiver of the operator's own, whose path may be anything; or why it
        may not be used.
        """
        found = self._taken_apart(address)
        if isinstance(found, Refused):
            return found
        origin, parts = found
        if parts.hostname in PLATFORM_HOSTS:
            # These say "no" under HTTP 200, which a plain hook would take for "yes".
            return _refused_address(StepCode.ADDRESS_CHAT_ROBOT)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return HttpEndpoint(origin=origin, token=path, secret=address.secret or None)

    def _taken_apart(self, address: Address) -> tuple[str, SplitResult] | Refused:
        """The origin, written by us, and the parts of an address that leads to an allowed host."""
        written = address.url.strip()
        if not written:
            return _refused_address(StepCode.ADDRESS_NONE)
        if re.search(r"[^\x21-\x7e]|\\", written):
            return _refused_address(StepCode.ADDRESS_CHARACTERS)
        if "://" not in written:
            return _refused_address(StepCode.ADDRESS_NOT_WHOLE)
        try:
            parts = urlsplit(written)
            origin = (
                parts.scheme,
                parts.hostname or "",
                parts.port or _DEFAULT_PORTS.get(parts.scheme, 0),
            )
        except ValueError:
            return _refused_address(StepCode.ADDRESS_UNREAD)
        if "@" in parts.netloc:
            return _refused_address(StepCode.ADDRESS_NAMES_USER)
        if origin not in self._allowed:
            if origin[0] != "https" and ("https", origin[1], 443) in self._allowed:
                return _refused_address(StepCode.ADDRESS_NOT_HTTPS)
            return _refused_address(StepCode.ADDRESS_NOT_ALLOWED)
        host = f"[{origin[1]}]" if ":" in origin[1] else origin[1]
        return f"{origin[0]}://{host}:{origin[2]}", parts

    def post(
        self,
        endpoint: HttpEndpoint,
        path: str,
        body: Mapping[str, Any],
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response | TryLater | NoAnswer:
        """Posts `body` once. TryLater: it certainly never arrived. NoAnswer: it left, and nothing
        readable came back.
        """
        return self._exchange(
            endpoint.origin + path + ("?" + urlencode(query) if query else ""),
            encoded(body),
            {"Content-Type": "application/json; charset=utf-8", **(headers or {})},
            whole=self._whole,
        )

    def upload(
        self,
        endpoint: HttpEndpoint,
        path: str,
        *,
        part: str,
        name: str,
        content: bytes,
        fields: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response | TryLater:
        """Hands over a file as form data, in the part named `part`. Nobody in a group sees an
        upload, so a lost answer is no harm.
        """
        boundary = f"diaodu-{token_hex(16)}"
        plain = "".join(
            f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
            for key, value in (fields or {}).items()
        )
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="{part}"; filename="{name}"; filelength={len(content)}'  # noqa: E501
            "\r\nContent-Type: application/octet-stream\r\n\r\n"
        )
        reply = self._exchange(
            endpoint.origin + path + ("?" + urlencode(query) if query else ""),
            f"{plain}{head}".encode() + content + f"\r\n--{boundary}--\r\n".encode(),
            {"Content-Type": f"multipart/form-data; boundary={boundary}", **(headers or {})},
            whole=3 * self._whole,
        )
        if isinstance(reply, NoAnswer):
            return TryLater(
                code="upload",
                detail=stated(StepCode.NOT_HANDED_OVER, told=reply.detail),
                after=NOT_REACHED,
            )
        return reply

    def _exchange(
        self, url: str, content: bytes, headers: Mapping[str, str], *, whole: float
    ) -> Response | TryLater | NoAnswer:
        ends = time.monotonic() + whole
        body = _Body(content, ends)
        request = requests.PreparedRequest()  # filled by hand: every part of it is ours already
        request.method, request.url = "POST", url
        request.body = body  # type: ignore[assignment]  # pieces are taken too
        request.headers = {"Content-Length": str(len(body)), **_ASKED, **headers}  # type: ignore[assignment]  # a dict will do
        origin = url[: url.index("/", len("https://"))]
        line = self._kept.take(origin) or self._line(url)
        try:
            with closing(line.send(request, stream=True, timeout=self._timeout)) as response:
                read = bytearray()
                # As it comes: the timeout of the socket starts anew with every byte, and only here
                # can the whole be bounded.
                while piece := response.raw.read1(MOST_READ, decode_content=True):
                    read += piece
                    if len(read) > MOST_READ:
                        return NoAnswer(
                            detail=stated(
                                StepCode.ANSWER_TOO_LONG,
                                status=response.status_code,
                                most=MOST_READ,
                            )
                        )
                    if time.monotonic() > ends:
                        return NoAnswer(
                            detail=stated(StepCode.ANSWER_UNENDED, status=response.status_code)
                        )
                reply = Response(
                    status=response.status_code,
                    answer=_object(bytes(read)),
                    headers=response.headers,
                    date=_date(response.headers.get("Date")),
                )
            self._kept.give_back(origin, line)
            return reply
        except (
            requests.RequestException,
            urllib3.exceptions.HTTPError,
            OSError,
            ValueError,
        ) as error:
            # Only the kind of the error is told: its text holds the address.
            kind = type(error).__name__
            if body.left:
                return NoAnswer(detail=stated(StepCode.NO_ANSWER, error=kind))
            return TryLater(
                code="network", detail=stated(StepCode.NOT_REACHED, error=kind), after=NOT_REACHED
            )

    def knock(self, url: str) -> str | None:
        """Calls an address of the operator's own (GET); None when any 2xx came back, else what went
        wrong, without the address.

        The list of hosts does not hold here: nothing is told to whoever is called. Without TLS only
        this machine and private networks are called, for the address is a password.
        """
        try:
            parts = urlsplit(url)
            if parts.scheme != "https" and not (
                parts.scheme == "http" and _is_near(parts.hostname or "")
            ):
                return "the address must begin with https://, or lead to this machine or a private network"
            request = requests.Request("GET", url, headers=_ASKED).prepare()
            with closing(
                self._line(url).send(request, stream=True, timeout=self._timeout)
            ) as response:
                return None if 200 <= response.status_code < 300 else f"HTTP {response.status_code}"
        except (
            requests.RequestException,
            urllib3.exceptions.HTTPError,
            OSError,
            ValueError,
        ) as error:
            return f"no answer ({type(error).__name__})"

    def _line(self, url: str) -> _Line:
        return _Line(self._trust if url.startswith("https:") else None)

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self._ca_file)


class _Kept:
    """Connections on which an answer has just ended, by origin.

    One that its platform is closing would swallow the next message, and nobody could say whether it
    was taken. So none is used again that has rested as long as `RESTED`, well within what any
    server waits, or on which the end has arrived already.
    """

    def __init__(self) -> None:
        self._lines: dict[str, list[tuple[float, _Line]]] = {}
        self._turn = Lock()

    def take(self, origin: str) -> _Line | None:
        """The one that has rested least, for whoever asks alone; None if none is fresh."""
        since = time.monotonic() - RESTED
        with self._turn:
            lines = self._lines.get(origin, [])
            fresh = lines.pop()[1] if lines and lines[-1][0] > since else None
            stale = [line for answered, line in lines if answered <= since]
            del lines[: len(stale)]
        for line in stale:
            line.close()
        return fresh

    def give_back(self, origin: str, line: _Line) -> None:
        """Its answer was read to the end."""
        with self._turn:
            self._lines.setdefault(origin, []).append((time.monotonic(), line))


class _Line(HTTPAdapter):
    """A way to one origin with room for one connection, for requests whose parts are all ours.

    What requests looks up anew for each of them (proxies, the pool of the address, cookies) took
    longer than the request. Certificates are checked against authorities already read, for the same
    reason.
    """

    def __init__(self, trust: ssl.SSLContext | None) -> None:
        self._trust = trust
        self._pool: urllib3.HTTPConnectionPool | None = None
        super().__init__(1, 1)

    def init_poolmanager(self, *args: Any, **others: Any) -> None:
        if self._trust is not None:
            others["ssl_context"] = self._trust
        super().init_poolmanager(*args, **others)

    def get_connection_with_tls_context(
        self, request: requests.PreparedRequest, *_: Any, **__: Any
    ) -> Any:
        if self._pool is None:
            self._pool = self.poolmanager.connection_from_url(request.url or "")
        return self._pool

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:  # noqa: ARG002
        conn.cert_reqs = "CERT_REQUIRED"

    def request_url(self, request: requests.PreparedRequest, proxies: Any) -> str:  # noqa: ARG002
        return request.path_url

    def build_response(self, request: requests.PreparedRequest, answer: Any) -> requests.Response:
        response = requests.Response()
        response.status_code = answer.status
        response.headers = answer.headers
        response.raw = answer
        response.request = request
        return response


def encoded(body: Mapping[str, Any]) -> bytes:
    """The bytes that go over the wire: raw UTF-8, because a Chinese character escaped is twice as
    long.
    """
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def foreign(text: object, endpoint: HttpEndpoint) -> str:
    """A platform's own words for the ledger: on one line, shortened, without our secrets and
    without whole phone numbers.
    """
    told = one_line(str(text))
    for secret in (endpoint.secret or "", endpoint.token):
        for form in {secret, quote(secret, safe="")} - {""}:
            told = told.replace(form, "***")
    return phones_masked(told)[:200]


def without_code(reply: Response, *, busy: timedelta) -> TryLater | NoAnswer | None:
    """What the status alone settles: 429 is not taken (wait `busy`), nor is a 503 that says when to
    come again; other 5xx and 3xx are nobody's word. None: ask the code.
    """
    if reply.status == 429 or (reply.status == 503 and "Retry-After" in reply.headers):
        return TryLater(
            code=str(reply.status),
            detail=stated(StepCode.TOO_MANY_REQUESTS, status=reply.status),
            after=reply.wait("Retry-After", busy),
            hold_robot=True,
        )
    if 300 <= reply.status < 400 or reply.status >= 500:
        return NoAnswer(detail=stated(StepCode.NOT_THE_PLATFORM, status=reply.status))
    return None


def unreadable(reply: Response) -> Refused | TryLater | NoAnswer:
    """An answer in which the platform's number is missing, or says done under a status that says
    otherwise.

    A 4xx without any number says that the request was not let in: nothing can have been taken.
    """
    if 400 <= reply.status < 500 and not reply.answer:
        if reply.status == 408:
            return TryLater(
                code="408", detail=stated(StepCode.TOO_SLOW, status=408), after=NOT_REACHED
            )
        return Refused(
            code=str(reply.status), detail=stated(StepCode.NO_NUMBER, status=reply.status)
        )
    return NoAnswer(detail=stated(StepCode.NO_NUMBER, status=reply.status))


def _refused_address(why: StepCode) -> Refused:
    return Refused(code="address", detail=stated(why))


def origin_of_entry(entry: str) -> tuple[str, str, int]:
    """Scheme, host and port of an entry of the allow-list; ValueError names one that is neither a
    name nor an origin.
    """
    try:
        parts = urlsplit(entry if "://" in entry else f"https://{entry}")
        port = parts.port or _DEFAULT_PORTS.get(parts.scheme, 0)
    except ValueError:
        port = 0
        parts = urlsplit("")
    if (
        not parts.hostname
        or not port
        or "@" in parts.netloc
        or parts.path.strip("/")
        or parts.query
        or parts.fragment
    ):
        raise ValueError(
            f"platform host {entry!r} must be a host name, or an origin such as https://chat.example.gov.cn"
        )
    return parts.scheme, parts.hostname, port


def _is_near(host: str) -> bool:
    """Whether every address of a host is this machine's or a private network's."""
    found = {str(address[0]).partition("%")[0] for *_, address in socket.getaddrinfo(host, None)}
    return bool(found) and all(ip_address(address).is_private for address in found)


def _object(content: bytes) -> Mapping[str, Any]:
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


def _date(header: str | None) -> datetime | None:
    try:
        date = parsedate_to_datetime(header) if header else None
    except (ValueError, OverflowError):
        return None
    return date if date is not None and date.tzinfo is not None else None
