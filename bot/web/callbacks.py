"""The door of the platforms' callbacks: sized, verified, stored, and only then answered; whatever
is false is refused alike.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from datetime import datetime

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from bot import log
from bot.actions.replies.listen import Listening
from bot.channels.inbound import Call
from bot.store.replies.writer import Stored, TooMuchWaits

MOST_BYTES = 1_000_000
BODY_WITHIN = 5.0
"""Seconds a body may take to come."""

STORED_WITHIN = 2.5
"""Seconds the disk may take: Feishu waits three for an answer, WeCom five."""

MOST_IN_A_ROW = 60
PER_SECOND = 1.0
MOST_SENDERS = 20_000


class RequestPace:
    """How often one sender may be heard: so many at once, then so many a second. The oldest are
    forgotten first.
    """

    def __init__(
        self,
        in_a_row: int = MOST_IN_A_ROW,
        per_second: float = PER_SECOND,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._in_a_row = float(in_a_row)
        self._per_second = per_second
        self._clock = clock
        self._left: dict[tuple[str, str], tuple[float, float]] = {}

    def lets(self, channel: str, sender: str) -> bool:
        """Whether this sender may be heard now; it counts as heard then."""
        now = self._clock()
        left, since = self._left.pop((channel, sender), (self._in_a_row, now))
        left = min(self._in_a_row, left + (now - since) * self._per_second)
        let = left >= 1
        self._left[channel, sender] = (left - 1 if let else left, now)
        if len(self._left) > MOST_SENDERS:
            del self._left[next(iter(self._left))]
        return let


def callback_routes(
    listening: Listening, now: Callable[[], datetime], pace: RequestPace | None = None
) -> list[Route]:
    """`/callback/{platform}/{robot}` for every robot of `listening` that has such a door."""
    paced = pace or RequestPace()
    knock = _Knock()

    async def callback(request: Request) -> Response:
        robot = listening.robots.get(
            (request.path_params["platform"], request.path_params["robot"])
        )
        if robot is None or robot.callback is None:
            return _refused()
        body = await _body(request)
        if body is None:
            return _refused()
        call = Call(
            method=request.method,
            headers={name.lower(): value for name, value in request.headers.items()},
            query=dict(request.query_params),
            body=body,
        )
        reply, said = robot.callback.take(call, at=now())
        if said is not None:
            if not paced.lets(robot.channel, said.sender_id):
                log.trouble("sender too fast, message not taken", channel=robot.channel)
                return Response(status_code=429)
            try:
                async with asyncio.timeout(STORED_WITHIN):
                    await knock.when(listening.take_in(robot, said))
            except (TimeoutError, TooMuchWaits):
                # It may still reach the disk: the platform comes again, and the message is known by
                # its number.
                log.trouble(
                    "message not stored in time, the platform is not told it was taken",
                    channel=robot.channel,
                )
                return Response(status_code=503)
            except Exception:
                log.failure(
                    "message not stored, the platform is not told it was taken",
                    channel=robot.channel,
                )
                return Response(status_code=503)
        return Response(
            reply.body, status_code=reply.status, headers={"Content-Type": reply.content_type}
        )

    return [Route("/callback/{platform}/{robot}", callback, methods=["GET", "POST"])]


class _Knock:
    """Wakes those who wait in the loop for the writer's thread: once for all that it has stored by
    then.

    asyncio.wrap_future knocks for each, and each knock is a system call for which the writer lets
    go of the interpreter.
    """

    def __init__(self) -> None:
        self._done: deque[tuple[asyncio.Future[None], Stored]] = deque()
        self._knocked = False

    async def when(self, stored: Stored) -> None:
        """Returns when the message is on the disk; raises what kept it from there."""
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[None] = loop.create_future()

        def told(done: Stored) -> None:
            # Appended before it is asked, and forgotten before they are woken: nobody is left
            # between the two.
            self._done.append((waiter, done))
            if not self._knocked:
                self._knocked = True
                loop.call_soon_threadsafe(self._wake)

        stored.add_done_callback(told)
        await waiter

    def _wake(self) -> None:
        self._knocked = False
        while self._done:
            waiter, stored = self._done.popleft()
            # whoever waited has gone; the platform comes again and finds it known
            if waiter.done():
                continue
            if fault := stored.exception():
                waiter.set_exception(fault)
            else:
                waiter.set_result(None)


async def _body(request: Request) -> bytes | None:
    """The whole body; None when it is too large, too slow, or breaks off. It is never read further
    than the limit.
    """
    read = bytearray()
    try:
        if int(request.headers.get("content-length") or 0) > MOST_BYTES:
            return None
        async with asyncio.timeout(BODY_WITHIN):
            async for chunk in request.stream():
                read += chunk
                if len(read) > MOST_BYTES:
                    return None
    except (ValueError, TimeoutError, ClientDisconnect):
        return None
    return bytes(read)


def _refused() -> Response:
    """The same for everything that is false: nobody learns which part of a forgery was right."""
    return Response(b"refused", status_code=403, media_type="text/plain")
