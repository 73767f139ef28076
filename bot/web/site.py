"""The pages' common door: who asks, may he, is the form his own; and the one way in which every
page is answered.
"""

from __future__ import annotations

import asyncio
import functools
import hmac
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from secrets import token_urlsafe
from typing import Any
from urllib.parse import quote, urlsplit

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot import log
from bot.app import App
from bot.domain.campaigns.campaign import Campaign, CampaignKey
from bot.domain.campaigns.enrolled import Enrolled
from bot.domain.decisions.actor import Actor
from bot.domain.people.roles import EVERY_CAMPAIGN, Person, Role
from bot.links import Links
from bot.store import StoreUnreachable
from bot.store.people import people
from bot.web.callbacks import RequestPace
from bot.web.interface.api import interface
from config.wording import templates

HERE = Path(__file__).parent
ASSETS = HERE / "assets"
TEMPLATES = (HERE, *sorted(folder for folder in HERE.iterdir() if folder.is_dir()))
"""Where templates lie: beside the pages of each topic."""

SESSION, FLASH = "diaodu", "diaodu_said"
SESSION_HOLDS = timedelta(hours=12)
"""A working day; then one signs in anew."""

FLASH_HOLDS = 60
MOST_FIELDS = 2000
LARGEST_UPLOAD = 5_000_000
LARGEST_FIELD = 1_000_000
LARGEST_OF_NOBODY = 100_000
"""Bytes of a form from somebody who has not signed in: a login, a day's figures."""

FORM_WITHIN = 60.0
"""Seconds a form may take to come, over the weakest line."""


EVERYBODY: frozenset[Role] = frozenset(Role)
"""Whoever has any role."""

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self';"  # noqa: E501
        " base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


@dataclass(frozen=True, kw_only=True)
class RequestContext:
    """One request, as a page needs it. `enrolled` is the campaign its address names, `form` what
    was posted, checked to be our own.
    """

    site: Site
    request: Request
    at: datetime
    person: Person | None = None
    campaign: Enrolled | None = None
    form: Mapping[str, Any] = field(default_factory=dict, repr=False)
    csrf: str = field(default="", repr=False)

    @property
    def app(self) -> App:
        """The program behind the pages."""
        return self.site.app

    @property
    def enrolled(self) -> Enrolled:
        """The campaign; only for pages whose path names one."""
        assert self.campaign is not None  # noqa: S101
        return self.campaign

    @property
    def actor(self) -> Actor:
        """Whoever decides here: his name and his account; only for pages with roles."""
        assert self.person is not None  # noqa: S101
        return Actor(name=self.person.name, login=self.person.login)

    @property
    def role(self) -> Role | None:
        """What the person is in this campaign."""
        if self.person is None:
            return None
        return self.person.role_in(self.campaign.campaign.key if self.campaign else EVERY_CAMPAIGN)

    def may(self, *roles: Role) -> bool:
        """Whether the person is one of these in this campaign."""
        return self.role in roles

    def text(self, name: str) -> str:
        """A field of the form, trimmed; empty when it is not there."""
        value = self.form.get(name, "")
        return value.strip() if isinstance(value, str) else ""

    def texts(self, name: str) -> list[str]:
        """Every value of a field that may be given several times."""
        if not isinstance(self.form, FormData):
            return []
        return [value.strip() for value in self.form.getlist(name) if isinstance(value, str)]

    def upload(self, name: str) -> tuple[str, bytes] | None:
        """A file of the form: its name and content, None when none was chosen."""
        value = self.form.get(name)
        if not isinstance(value, UploadFile) or not value.filename:
            return None
        return value.filename, value.file.read(LARGEST_UPLOAD + 1)

    def path(self, name: str) -> str:
        """A part of the address."""
        return str(self.request.path_params[name])

    def query(self, name: str) -> str:
        """A value behind the `?`; empty when it is not there."""
        return self.request.query_params.get(name, "").strip()

    def page(self, template: str, *, status: int = 200, **facts: Any) -> Response:
        """The template of that name, which lies beside its page, with what every page is told
        besides.
        """
        said = self.site.links.opened(FLASH, self.request.cookies.get(FLASH, "")) or {}
        shown = templates.page(
            TEMPLATES,
            template,
            {
                "asked": self,
                "person": self.person,
                "campaign": None if self.campaign is None else self.campaign.campaign,
                "role": self.role,
                "tabs": self.site.tabs(self),
                "here": self.request.url.path,
                "csrf": self.csrf,
                "at": self.at,
                "said": said.get("text", ""),
                "said_well": said.get("well", True),
                "asset": asset,
                **facts,
            },
        )
        response = Response(shown, status_code=status, media_type="text/html; charset=utf-8")
        if said:
            response.delete_cookie(FLASH, path="/")
        return response

    def back(self, to: str, said: str = "", *, well: bool = True) -> Response:
        """Sends the browser on after a form (303), with a sentence to be read there."""
        response = RedirectResponse(to, status_code=303)
        if said:
            token = self.site.links.signed(FLASH, {"text": said[:400], "well": well})
            self.site.set_cookie(response, FLASH, token, FLASH_HOLDS)
        return response


Answer = Callable[[RequestContext], Response]


def whole(said: str) -> int | None:
    """The whole number that an address or a field holds; None for what is none, and for more than a
    database counts.
    """
    return int(said) if len(said) < 19 and said.isascii() and said.isdigit() else None


@dataclass(frozen=True, kw_only=True)
class SitePage:
    """An address of the site and who may open it. `roles` None: anybody, also without an account;
    empty: whoever signed in.

    A path with {campaign} is about that campaign, and the role is the one in it; elsewhere it is
    the one in all campaigns. `tab` is the word it is known by in the navigation, "" for none.
    """

    path: str
    answer: Answer
    roles: frozenset[Role] | None = EVERYBODY
    methods: tuple[str, ...] = ("GET",)
    tab: str = ""
    only: Callable[[Campaign], bool] | None = None
    """In which campaigns it is among the tabs; None, in all."""


def has_registers(campaign: Campaign) -> bool:
    """Whether pages of registers are anything in a campaign."""
    return bool(campaign.registers)


class Site:
    """The pages of one process. It keeps nothing between two requests: any process may answer any
    of them.
    """

    def __init__(
        self,
        app: App,
        pages: Sequence[SitePage],
        now: Callable[[], datetime],
        *,
        also: Sequence[BaseRoute] = (),
        readers_pace: RequestPace | None = None,
    ) -> None:
        """`also` are routes that have doors of their own: callbacks, health. `readers_pace`: how
        often a reader may ask the interface.
        """
        self.app = app
        self.now = now
        self.pages = tuple(pages)
        self.links = Links(app.settings.signing_key())
        self.secure = app.settings.public_url.startswith("https://")
        # Under this name a browser takes it from this very host alone: no neighbour under the same
        # domain can give it one of his own.
        self.session = f"__Host-{SESSION}" if self.secure else SESSION
        self._csrf_key = sha256(b"diaodu form: " + app.settings.signing_key().encode()).digest()
        routes: list[BaseRoute] = [*also, interface(app, now, readers_pace)]
        routes += [
            Route(page.path, functools.partial(self._answer, page), methods=list(page.methods))
            for page in self.pages
        ]
        routes.append(Mount("/assets", _Assets(directory=ASSETS)))
        self.asgi = Starlette(
            routes=routes, exception_handlers={HTTPException: self._fault, Exception: self._fault}
        )
        # A redirect to the address without its last slash would be made from the Host header, and
        # of http behind a proxy.
        self.asgi.router.redirect_slashes = False
        self.asgi.add_middleware(_WithHeaders)

    def tabs(self, asked: RequestContext) -> list[tuple[str, str]]:
        """The pages of this campaign that the person may open, each its word and its address."""
        if asked.campaign is None or asked.person is None:
            return []
        key = quote(asked.campaign.campaign.key)
        return [
            (page.tab, page.path.replace("{campaign}", key))
            for page in self.pages
            if page.tab
            and "{campaign}" in page.path
            and page.roles is not None
            and asked.role in (page.roles or Role)
            and (page.only is None or page.only(asked.campaign.campaign))
        ]

    def find(self, key: str) -> Enrolled | None:
        """The campaign of that key, None for none; another process may have set it up a moment
        ago.
        """
        if CampaignKey(key) not in self.app.campaigns:
            self.app.take_up()
        return self.app.campaigns.get(CampaignKey(key))

    def set_cookie(self, response: Response, name: str, value: str, seconds: int) -> None:
        """Gives the browser a cookie that no script reads and no other site sends."""
        response.set_cookie(
            name,
            value,
            max_age=seconds,
            path="/",
            httponly=True,
            samesite="lax",
            secure=self.secure,
        )

    def sign_in(self, response: Response, person: Person, at: datetime) -> None:
        """Begins a session."""
        facts = {
            "login": person.login,
            "account": person.account,
            "at": at.timestamp(),
            "nonce": token_urlsafe(9),
        }
        self.set_cookie(
            response,
            self.session,
            self.links.signed(SESSION, facts),
            int(SESSION_HOLDS.total_seconds()),
        )

    def sign_out(self, response: Response) -> None:
        """Takes the session from the browser."""
        response.delete_cookie(
            self.session, path="/", httponly=True, samesite="lax", secure=self.secure
        )

    def person(self, request: Request, at: datetime) -> Person | None:
        """Who holds the session of a request; None without one, after twelve hours, and once the
        account has changed.
        """
        facts = self.links.opened(SESSION, request.cookies.get(self.session, ""))
        if facts is None or not 0 <= at.timestamp() - facts["at"] < SESSION_HOLDS.total_seconds():
            return None
        with self.app.store.reading() as session:
            found = people.find_account(session, facts["login"])
        return (
            found.person
            if found and found.password and found.person.account == facts["account"]
            else None
        )

    def csrf(self, request: Request) -> str:
        """What the forms of this session carry."""
        held = request.cookies.get(self.session, "")
        return hmac.new(self._csrf_key, held.encode(), "sha256").hexdigest()[:32] if held else ""

    async def _answer(self, page: SitePage, request: Request) -> Response:
        at = self.now()
        asked = RequestContext(site=self, request=request, at=at)
        try:
            person = await run_in_threadpool(self.person, request, at)
            key = request.path_params.get("campaign")
            campaign = None if key is None else await run_in_threadpool(self.find, key)
            asked = RequestContext(
                site=self,
                request=request,
                at=at,
                person=person,
                campaign=campaign,
                csrf=self.csrf(request),
            )
            refusal = self._refused(page, asked)
            if refusal is not None:
                return refusal
            if request.method == "POST":
                if not self._own(request):
                    return self.fault(asked, 403, "form")
                largest = LARGEST_OF_NOBODY if person is None else LARGEST_UPLOAD + LARGEST_FIELD
                if not _sized(request, largest):
                    return self.fault(asked, 413, "large")
                async with _form_of(request, largest) as form:
                    # A session's own form carries its mark; without a session there is nothing
                    # another site could use.
                    mark = form.get("csrf", "")
                    if person is not None and not hmac.compare_digest(
                        str(mark).encode(), asked.csrf.encode()
                    ):
                        return self.fault(asked, 403, "form")
                    asked = RequestContext(
                        site=self,
                        request=request,
                        at=at,
                        person=person,
                        campaign=campaign,
                        form=form,
                        csrf=asked.csrf,
                    )
                    return await run_in_threadpool(page.answer, asked)
            response = await run_in_threadpool(page.answer, asked)
        except _TooLarge:
            return self.fault(asked, 413, "large")
        except (TimeoutError, ClientDisconnect):
            # Whoever sends so slowly, or has gone, is told nothing he would read.
            return Response(status_code=408, headers={"Connection": "close"})
        except StoreUnreachable as fault:
            log.trouble("page without the ledger", fault=str(fault))
            return self.fault(asked, 503, "ledger")
        return _unless_seen(request, response)

    def _refused(self, page: SitePage, asked: RequestContext) -> Response | None:
        if "campaign" in asked.request.path_params and asked.campaign is None:
            # Whoever has not signed in learns nothing of which campaigns there are.
            return (
                self.fault(asked, 404, "page")
                if asked.person or page.roles is None
                else _to_sign_in(asked)
            )
        if page.roles is None:
            return None
        if asked.person is None:
            return _to_sign_in(asked)
        if page.roles and asked.role not in page.roles:
            return self.fault(asked, 403, "role")
        return None

    def _own(self, request: Request) -> bool:
        """Whether a form was sent from a page of this site, as far as the browser says."""
        origin = request.headers.get("origin")
        if origin is None:
            return request.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")
        try:
            return origin == (self.app.settings.public_url or None) or urlsplit(
                origin
            ).netloc == request.headers.get("host")
        except ValueError:
            return False

    def fault(self, asked: RequestContext, status: int, why: str) -> Response:
        """A page that says what is wrong and what to do."""
        return asked.page("fault.html.j2", status=status, why=why)

    async def _fault(self, request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        if status == 500:
            log.failure("page failed", path=request.url.path.split("/")[1][:20])
        why = {404: "page", 405: "page", 413: "large", 400: "form"}.get(status, "own")
        return self.fault(RequestContext(site=self, request=request, at=self.now()), status, why)


def _sized(request: Request, largest: int) -> bool:
    """Whether a form says how large it is, and is not too large; it is not read before."""
    length = whole(request.headers.get("content-length", ""))
    return length is not None and length <= largest


class _TooLarge(Exception):
    """A form was longer than it may be, whatever it had said of itself."""


@asynccontextmanager
async def _form_of(request: Request, largest: int) -> AsyncIterator[FormData]:
    """What was posted, its bytes counted as they come: a length said beside `Transfer-Encoding:
    chunked` binds nobody.
    """
    read = 0

    async def counted() -> Message:
        nonlocal read
        message = await request.receive()
        read += len(message.get("body", b""))
        if read > largest:
            raise _TooLarge
        return message

    counting = Request(request.scope, counted)
    async with asyncio.timeout(FORM_WITHIN):
        form = await counting.form(max_files=4, max_fields=MOST_FIELDS, max_part_size=LARGEST_FIELD)
    try:
        yield form
    finally:
        await counting.close()


def _to_sign_in(asked: RequestContext) -> Response:
    if asked.request.method != "GET":
        return asked.site.fault(asked, 401, "session")
    url = asked.request.url
    onward = url.path + (f"?{url.query}" if url.query else "")
    return RedirectResponse(
        "/login" if onward == "/" else f"/login?next={quote(onward)}", status_code=303
    )


def _unless_seen(request: Request, response: Response) -> Response:
    """Nothing, where the page is to the letter what the browser has already: it asks every few
    seconds.
    """
    if request.method != "GET" or response.status_code != 200 or "etag" in response.headers:
        return response
    tag = f'"{sha256(bytes(response.body)).hexdigest()[:24]}"'
    response.headers["ETag"] = tag
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers={"ETag": tag})
    return response


@functools.cache
def asset(name: str) -> str:
    """The address of a file of `assets/`, which changes with its content, so that browsers may keep
    it for good.
    """
    digest = sha256((ASSETS / name).read_bytes()).hexdigest()[:10]
    return f"/assets/{name}?v={digest}"


class _Assets(StaticFiles):
    """The files of `assets/`: the same for everybody, kept by browsers for a year under the address
    of their content.
    """

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


class _WithHeaders:
    """Every answer says what a browser may do with it; pages are kept by nobody, for the next
    person at the machine.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Adds the headers on the way out."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name.lower() for name, _ in message["headers"]}
                more = (
                    HEADERS
                    if b"cache-control" in given
                    else {**HEADERS, "Cache-Control": "no-store"}
                )
                message["headers"] = [
                    *message["headers"],
                    *((name.lower().encode(), value.encode()) for name, value in more.items()),
                ]
            await send(message)

        await self._app(scope, receive, with_headers)


def a_day(text: str) -> date | None:
    """The day an address names; None for none or for what is no day."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
