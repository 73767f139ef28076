"""The door of the interface for other systems: whose token it is, how often he asks, what he may
ask, and how he is answered.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from hashlib import sha256
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from bot import log
from bot.actions.people.people import reader_of
from bot.app import App
from bot.domain.campaigns.campaign import CampaignKey
from bot.domain.campaigns.enrolled import Enrolled
from bot.domain.people.roles import EVERY_CAMPAIGN
from bot.store import Session, StoreUnreachable
from bot.store.people.people import ApiReader
from bot.web.callbacks import RequestPace

ROOM = "/api"
MOST_IN_A_ROW = 120
PER_SECOND = 10.0
"""How fast one token may ask of one process: a reader of every county of the country comes round in
five minutes.
"""

MOST_SHOWN = 60
"""Signs of a refused value that are said back."""

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)

CACHE = "private, no-cache"
"""Kept by the reader alone, and asked for again each time: an unchanged answer comes as 304."""

_TAG = re.compile(r'(?:W/)?("[^"]*")')


class RequestRefused(Exception):
    """A request that is not answered; becomes a problem document (RFC 9457) whose detail says what
    is wrong and what to do.
    """

    def __init__(
        self, status: HTTPStatus, detail: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.status, self.detail, self.headers = status, detail, dict(headers or {})


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """A value behind the `?`: what it is for, its JSON schema, and `read`, which raises ValueError
    for what is none of those.
    """

    name: str
    told: str
    schema: Mapping[str, Any]
    read: Callable[[str], Any]


@dataclass(frozen=True, kw_only=True)
class Inquiry:
    """A question of a reader, checked: `at` is now, `known_at` the moment as of which is asked,
    `values` what stood behind the `?`.
    """

    app: App
    session: Session
    reader: ApiReader
    at: datetime
    path: str
    values: Mapping[str, Any] = field(default_factory=dict)
    campaign: Enrolled | None = None

    @property
    def enrolled(self) -> Enrolled:
        """The campaign the address names; only for addresses that name one."""
        assert self.campaign is not None  # noqa: S101
        return self.campaign

    @property
    def known_at(self) -> datetime:
        """The moment as of which is asked: the one given, else now. RequestRefused for one that has
        not come, or is not of our time.
        """
        moment: datetime | None = self.values.get("known_at")
        if moment is not None and not EARLIEST <= moment <= self.at:
            why = "has not come" if moment > self.at else "is before anything was kept"
            raise RequestRefused(
                HTTPStatus.UNPROCESSABLE_ENTITY,
                f"known_at {moment.isoformat()} {why}; leave it out for what is known now.",
            )
        return moment or self.at

    def open_to_reader(self) -> list[Enrolled]:
        """The campaigns of this process the reader may read, by key."""
        mine = [
            one
            for key, one in list(self.app.campaigns.items())
            if self.reader.campaign in (key, EVERY_CAMPAIGN)
        ]
        return sorted(mine, key=lambda one: one.campaign.key)

    def onward(self, after: object) -> str:
        """The address of the next page: the same question, after that number or key."""
        given = {
            name: _written(value)
            for name, value in self.values.items()
            if name != "after" and value is not None
        }
        return f"{self.path}?{urlencode({**given, 'after': after})}"


Answer = Callable[[Inquiry], Any]


@dataclass(frozen=True, kw_only=True)
class ApiEndpoint:
    """An address of the interface. What `answer` gives back is its JSON; its annotation and its
    docstring are the document's.
    """

    path: str
    answer: Answer
    parameters: tuple[Parameter, ...] = ()


def api_mount(
    app: App,
    endpoints: Sequence[ApiEndpoint],
    document: Callable[[], Mapping[str, Any]],
    now: Callable[[], datetime],
    pace: RequestPace | None = None,
) -> Mount:
    """Everything below `/api`: the endpoints, each GET and HEAD, and their description at
    `openapi.json`, which anybody may read.
    """
    paced = pace or RequestPace(MOST_IN_A_ROW, PER_SECOND)

    def route(endpoint: ApiEndpoint) -> Route:
        async def answered(request: Request) -> Response:
            try:
                token = _token(request)
                if not paced.lets("reader", sha256(token.encode()).hexdigest()):
                    raise RequestRefused(
                        HTTPStatus.TOO_MANY_REQUESTS,
                        f"More than {PER_SECOND:g} requests a second; wait a second and ask again.",
                        {"Retry-After": "1"},
                    )
                told = await run_in_threadpool(_answered, app, endpoint, request, token, now())
            except RequestRefused as fault:
                return _problem(request, fault)
            except StoreUnreachable as fault:
                log.trouble("interface without the ledger", fault=str(fault))
                return _problem(
                    request,
                    RequestRefused(
                        HTTPStatus.SERVICE_UNAVAILABLE,
                        "The ledger does not answer; ask again in a minute.",
                        {"Retry-After": "60"},
                    ),
                )
            except Exception:
                log.failure("interface failed", path=endpoint.path)
                return _problem(
                    request,
                    RequestRefused(
                        HTTPStatus.INTERNAL_SERVER_ERROR,
                        "The fault is ours and is in our log; ask again later.",
                    ),
                )
            return _given(request, told)

        return Route(endpoint.path, answered, methods=["GET"])

    async def described(request: Request) -> Response:
        return _given(request, document())

    async def elsewhere(request: Request, fault: Exception) -> Response:
        assert isinstance(fault, HTTPException)  # noqa: S101
        told = {
            404: f"There is nothing at this address; {ROOM}/openapi.json lists what there is.",
            405: "Everything here is only read, with GET or HEAD.",
        }.get(fault.status_code, "The request cannot be read.")
        return _problem(request, RequestRefused(HTTPStatus(fault.status_code), told, fault.headers))

    below = Starlette(
        routes=[*map(route, endpoints), Route("/openapi.json", described, methods=["GET"])],
        exception_handlers={HTTPException: elsewhere},
    )
    # A redirect would be made from the Host header, and whoever follows one would send his token
    # along.
    below.router.redirect_slashes = False
    return Mount(ROOM, app=below)


def whole(most: int, least: int = 0) -> Callable[[str], int]:
    """Reads a whole number in digits, `least` to `most`."""

    def read(text: str) -> int:
        if not re.fullmatch(r"0|[1-9][0-9]{0,17}", text) or not least <= int(text) <= most:
            raise ValueError(f"a whole number from {least} to {most}")
        return int(text)

    return read


def day_of(text: str) -> date:
    """Reads a day."""
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise ValueError("a day such as 2021-10-29")


def moment_of(text: str) -> datetime:
    """Reads a moment with its zone."""
    found = re.fullmatch(
        r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]([0-9]{2}:[0-9]{2}:[0-9]{2})(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})",
        text,
    )
    try:
        if found is not None:
            on, hour, part, zone = found.groups()
            # Python counts to the microsecond and knows no leap second; RFC 3339 allows both.
            second = hour[:6] + "59" if hour.endswith(":60") else hour
            return datetime.fromisoformat(
                f"{on}T{second}{(part or '')[:7]}{'+00:00' if zone in 'Zz' else zone}"
            )
    except ValueError:
        pass
    hint = ", with + written as %2B" if " " in text else ""
    raise ValueError(
        f"a moment with its zone, such as 2021-10-29T17:30:00%2B08:00 or 2021-10-29T09:30:00Z{hint}"
    )


def one_of(allowed: Sequence[str]) -> Callable[[str], str]:
    """Reads one of a few words."""

    def read(text: str) -> str:
        if text not in allowed:
            raise ValueError(f"one of {', '.join(allowed)}")
        return text

    return read


def _answered(app: App, endpoint: ApiEndpoint, request: Request, token: str, at: datetime) -> Any:
    with app.store.reading() as session:
        reader = reader_of(session, token)
        if reader is None:
            raise RequestRefused(
                HTTPStatus.UNAUTHORIZED,
                "The token is not known or has been ended; ask the bureau for another.",
                {"WWW-Authenticate": 'Bearer realm="diaodu", error="invalid_token"'},
            )
        values = _values(request, endpoint.parameters)
        campaign = None
        if "key" in request.path_params:
            key = CampaignKey(request.path_params["key"])
            campaign = app.campaigns.get(key) if reader.campaign in (key, EVERY_CAMPAIGN) else None
            if campaign is None:
                # The same for one that is not there: nobody learns which campaigns others have.
                raise RequestRefused(
                    HTTPStatus.NOT_FOUND, "No campaign of this key is open to this token."
                )
        return endpoint.answer(
            Inquiry(
                app=app,
                session=session,
                reader=reader,
                at=at,
                path=request.url.path,
                values=values,
                campaign=campaign,
            )
        )


def _token(request: Request) -> str:
    given = request.headers.getlist("authorization")
    found = (
        re.fullmatch(r"bearer +([A-Za-z0-9._~+/=-]+)", given[0], re.IGNORECASE)
        if len(given) == 1
        else None
    )
    if found is None:
        raise RequestRefused(
            HTTPStatus.UNAUTHORIZED,
            "A token is needed, in the header Authorization: Bearer TOKEN; the bureau gives one out.",
            {"WWW-Authenticate": 'Bearer realm="diaodu"'},
        )
    return found[1]


def _values(request: Request, parameters: Sequence[Parameter]) -> dict[str, Any]:
    """What stands behind the `?`, each value read; None for what is left out. RequestRefused for
    what is not ours or cannot be.
    """
    known = {parameter.name: parameter for parameter in parameters}
    values: dict[str, Any] = dict.fromkeys(known)
    for name, text in request.query_params.multi_items():
        if name not in known:
            allowed = f"here may stand {', '.join(known)}" if known else "none may stand here"
            raise RequestRefused(
                HTTPStatus.BAD_REQUEST, f"There is no parameter {_short(name)}: {allowed}."
            )
        if values[name] is not None:
            raise RequestRefused(
                HTTPStatus.BAD_REQUEST, f"The parameter {name} stands there twice; give it once."
            )
        try:
            values[name] = known[name].read(text)
        except ValueError as fault:
            raise RequestRefused(
                HTTPStatus.BAD_REQUEST,
                f"The parameter {name} cannot be {_short(text)}: write {fault}.",
            ) from None
    return values


def _short(text: str) -> str:
    return json.dumps(
        text if len(text) <= MOST_SHOWN else text[:MOST_SHOWN] + "…", ensure_ascii=False
    )


def _written(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _given(request: Request, told: Any) -> Response:
    # A lone surrogate has no UTF-8; as an escape of JSON it stays what it is.
    body = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode(
        "utf-8", "backslashreplace"
    )
    tag = f'"{sha256(body).hexdigest()[:24]}"'
    headers = {"ETag": tag, "Cache-Control": CACHE}
    asked = ",".join(request.headers.getlist("if-none-match"))
    if asked.strip() == "*" or tag in _TAG.findall(asked):
        return Response(status_code=304, headers=headers)
    return _sent(request, body, 200, "application/json", headers)


def _problem(request: Request, fault: RequestRefused) -> Response:
    told = {
        "type": "about:blank",
        "title": fault.status.phrase,
        "status": fault.status.value,
        "detail": fault.detail,
    }
    body = json.dumps(told, ensure_ascii=False).encode("utf-8", "backslashreplace")
    return _sent(request, body, fault.status.value, "application/problem+json", fault.headers)


def _sent(
    request: Request, body: bytes, status: int, kind: str, headers: Mapping[str, str]
) -> Response:
    more = {**headers, "Content-Type": kind, "Content-Length": str(len(body))}
    return Response(b"" if request.method == "HEAD" else body, status_code=status, headers=more)
