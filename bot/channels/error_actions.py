"""What is done about a platform's error number: every number of its table has one course, and one
it does not list is a no.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto
from threading import Lock
from typing import Any

from bot.channels.channel import RenderedPage
from bot.channels.paging import LaidPage
from bot.domain.notices.answer import Answer, Confirmed, NoAnswer, Refused, TryLater
from bot.domain.notices.codes import StepCode, stated
from bot.domain.statement import Words

Body = Mapping[str, Any]


class ErrorOutcome(Enum):
    """The ways a number may be taken."""

    DONE = auto()  # the platform took it
    LATER = auto()  # certainly not taken: again after a pause
    PACE = auto()  # too fast: the whole robot is silent for a pause, then again
    ONCE_MORE = auto()  # again at once, and only once
    SPLIT = auto()  # too long: the same words in smaller pages
    SIGN_AFRESH = auto()  # a stale signature: signed by their clock, once
    PLAIN = auto()  # the card or the markup is refused: the same words as text
    UPLOAD_ANEW = auto()  # the file is not there any more: uploaded once more
    STOP = auto()  # a lasting no: the clerk is told
    # the robot is gone or stopped: so is everything else meant for it, and the clerk is told
    DEAD = auto()


@dataclass(frozen=True)
class ErrorAction:
    """A way, and the pause it asks for."""

    way: ErrorOutcome
    pause: timedelta = timedelta(0)
    at_most: int | None = None  # tries in all, where the platform says how many


DONE, ONCE_MORE, SPLIT, SIGN_AFRESH, PLAIN, UPLOAD_ANEW, STOP, DEAD = map(
    ErrorAction,
    (
        ErrorOutcome.DONE,
        ErrorOutcome.ONCE_MORE,
        ErrorOutcome.SPLIT,
        ErrorOutcome.SIGN_AFRESH,
        ErrorOutcome.PLAIN,
        ErrorOutcome.UPLOAD_ANEW,
        ErrorOutcome.STOP,
        ErrorOutcome.DEAD,
    ),
)


def later(seconds: int, *, at_most: int | None = None) -> ErrorAction:
    """Again after so many seconds, `at_most` so often in all."""
    return ErrorAction(ErrorOutcome.LATER, timedelta(seconds=seconds), at_most)


def pace(seconds: int) -> ErrorAction:
    """The robot is silent for so many seconds."""
    return ErrorAction(ErrorOutcome.PACE, timedelta(seconds=seconds))


def answer_to(course: ErrorAction, code: int, detail: Words) -> Answer:
    """The course as an answer, where nothing cleverer than the course itself is left to do."""
    match course.way:
        case ErrorOutcome.DONE:
            return Confirmed()
        case ErrorOutcome.LATER | ErrorOutcome.PACE:
            held = course.way is ErrorOutcome.PACE
            return TryLater(
                code=str(code),
                detail=detail,
                after=course.pause,
                hold_robot=held,
                at_most=course.at_most,
            )
        case way:
            return Refused(code=str(code), detail=detail, robot_dead=way is ErrorOutcome.DEAD)


def told(code: int | None, courses: Mapping[int, ErrorAction]) -> str:
    """A number as it is counted: itself if the platform's table has it, else `other`; `none` where
    there is none.
    """
    return "none" if code is None else str(code) if code in courses else "other"


Said = tuple[ErrorOutcome, Answer]
"""What a platform said to one body: the way its number is taken, and the answer if nothing more is
done about it.
"""

SHARES = (2, 4)
"""A page that is too long is laid out anew in rooms of a half and then of a quarter of the usual
one.
"""


def carry(
    page: RenderedPage,
    say: Callable[[Body], Said],
    *,
    finer: Callable[[LaidPage, int], Sequence[Body]],
    plain: Callable[[LaidPage], Sequence[Body]],
) -> Answer:
    """Says a page; in smaller parts when it is too long (`finer` lays it out in a share of the
    room), `plain` when it is refused.

    How it went out, if not as it was meant, stands in the detail of the answer.
    """
    way, answer = say(page.body)
    if not isinstance(page, LaidPage) or not isinstance(answer, Refused):
        return answer
    code, kind = answer.code, "parts"
    if way is ErrorOutcome.SPLIT:
        for share in SHARES:
            bodies = finer(page, share)
            if len(bodies) > 1:
                way, answer = _in_parts(bodies, say)
                if way is not ErrorOutcome.SPLIT:
                    break
    elif way is ErrorOutcome.PLAIN:
        kind = "text"
        way, answer = _in_parts(plain(page), say)
    if isinstance(answer, Confirmed):
        return Confirmed(
            detail=stated(StepCode.AS_TEXT if kind == "text" else StepCode.AS_PARTS, number=code)
        )
    return answer


def _in_parts(bodies: Sequence[Body], say: Callable[[Body], Said]) -> Said:
    """Says the parts in order. Once one was taken, no answer but the last may claim that nothing
    was or that all was.
    """
    for number, body in enumerate(bodies):
        way, answer = say(body)
        if isinstance(answer, Confirmed):
            continue
        if number == 0:
            return way, answer
        said = answer.detail
        if not isinstance(answer, NoAnswer):
            said = stated(StepCode.NUMBERED, number=answer.code, told=said)
        return ErrorOutcome.STOP, NoAnswer(
            detail=stated(StepCode.PARTS_TAKEN, taken=number, of=len(bodies), told=said)
        )
    return ErrorOutcome.DONE, Confirmed()


class Tally:
    """How often each platform gave each number since the process began; numbers no table lists are
    counted together.
    """

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str], int] = {}
        self._lock = Lock()

    def count(self, platform: str, code: str) -> None:
        """One more answer of that platform."""
        with self._lock:
            self._counts[platform, code] = self._counts.get((platform, code), 0) + 1

    def counts(self) -> dict[tuple[str, str], int]:
        """The counts as they stand, by platform and code."""
        with self._lock:
            return dict(self._counts)
