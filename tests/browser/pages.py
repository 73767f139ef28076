"""Every page that people look at, by a short name: who opens it, and where it is. All of them are looked at, and go into `docs/pages/`."""

from __future__ import annotations

from dataclasses import dataclass

from bot.commands.demo import SEASON

HERE = f"/c/{SEASON}"


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A page as it is looked at; `narrow` on a phone too, where leaders, supervisors and contacts read it."""

    name: str
    login: str
    path: str
    narrow: bool = False
    width: int = 1280
    height: int = 900


SEEN = (
    Seen(name="login", login="", path="/login", narrow=True),
    Seen(name="home", login="chief", path="/"),
    Seen(name="desk", login="clerk", path=f"{HERE}/desk", narrow=True),
    Seen(name="preview", login="clerk", path=f"{HERE}/desk/preview"),
    Seen(name="board", login="leader", path=f"{HERE}/board", narrow=True),
    Seen(name="board-wall", login="leader", path=f"{HERE}/board?wall=1", width=1920, height=1080),
    Seen(name="board-link", login="clerk", path=f"{HERE}/board/link"),
    Seen(name="township", login="leader", path=f"{HERE}/board/t/稻溪镇", narrow=True),
    Seen(name="overdue", login="supervisor", path=f"{HERE}/overdue", narrow=True),
    Seen(name="deliveries", login="clerk", path=f"{HERE}/deliveries"),
    Seen(name="burden", login="clerk", path=f"{HERE}/burden"),
    Seen(name="log", login="clerk", path=f"{HERE}/log"),
    Seen(name="setup", login="clerk", path=f"{HERE}/setup"),
    Seen(name="setup-new", login="chief", path="/setup/new"),
    Seen(name="groups", login="clerk", path=f"{HERE}/setup/groups"),
    Seen(name="people", login="clerk", path=f"{HERE}/people"),
)
