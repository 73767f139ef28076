"""Splits a pasted chat into its messages; what cannot be split for certain is shown as a doubt and
never taken in.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from bot.domain.campaigns.campaign import Campaign
from bot.domain.replies.reading.chat_moments import (
    MOMENT,
    Written,
    day_meant,
    moment_of,
    ruled_day,
    written_day,
    written_moment,
)

LONGEST_HEAD = 80
COLON = "colon"
"""The shape of heads without a moment: 昵称：, with the text after it or on the next line."""

_SYSTEM = re.compile(
    r"(?=.{1,200}$)(?:"
    r".+撤回了(?:一条)?消息(?:\s*重新编辑)?|以下(?:为|是)(?:新|最新)消息|以上是(?:历史|打招呼).*|查看更多消息"
    r"|.+邀请.+加入了?群聊.*|.+(?:通过|分享).*(?:二维码|链接).*加入了?群聊.*|.+加入了?群聊|.+移出了?群聊|.+退出了?群聊"
    r"|.+修改(?:了)?群名(?:称)?为.*|.+(?:更新|发布)了群公告.*|.*拍了拍.+|.+已成为新群主|.+开启了(?:全员|群)禁言)"
)
_PREAMBLE = re.compile(r".*聊天记录如下.*|.*的聊天记录")
_UNSEEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_MOMENT_BEHIND = re.compile(rf"(?P<gap>\s+)(?P<moment>{MOMENT})$")
_MOMENT_AHEAD = re.compile(rf"(?P<moment>{MOMENT})\s+(?P<name>\S.*)$")
_ACCOUNT = re.compile(r"\s*[(<][^()<>]{3,40}[)>]$")
_NAME_FIRST = re.compile(r"(?P<name>[^:]{1,40}):(?P<said>.*)$", re.S)
_NO_NAME = re.compile(r"[「『“\"'(\[【<#>@|]|\d+\s*[.、)]|[-—=_*]{2}")
_OF_TIME = re.compile(r"截至|截止|时间|日期|更新于|填报|报送")
_RULE_OF_A_QUOTE = re.compile(r"(?:- ?){3,}-?|—{3,}")
_OUT_OF_ORDER = "a chat within a message, or lines out of order"
_LABELS = (
    "今日", "今天", "当日", "昨日", "本周", "累计", "新增", "剩余", "还剩", "未", "已", "共", "合计", "总计", "小计", "任务", "目标",
    "进度", "进展", "情况", "日报", "备注", "说明", "问题", "原因", "措施", "其中", "另", "注", "更正", "统计", "报送", "报数",
    "截至", "时间", "日期", "联系人", "联系电话", "电话", "填报人", "率", "数", "各乡镇", "乡镇", "单位", "全镇", "全乡", "下步", "计划", "明日",
)  # fmt: skip


class ChatRefused(ValueError):
    """The paste cannot be taken in at all. Its text says why and what to do at the terminal; a page
    finds its own by `why`, `facts`.
    """

    def __init__(self, why: str, told: str, **facts: object) -> None:
        super().__init__(told)
        self.why = why
        self.facts = facts


@dataclass(frozen=True, kw_only=True)
class ChatMessage:
    """One message of the paste. `id` is the same whenever and in whatever company the message is
    pasted again.
    """

    id: str
    sender: str
    at: datetime
    text: str
    line: int
    # the cells of a row of a workbook; the text is only their record
    stated: Mapping[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class ChatDoubt:
    """Lines that are not taken in, and why: in English for the clerk at the terminal, and as a code
    with its facts for a page.
    """

    line: int
    text: str
    why: str
    code: str
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Chat:
    """A paste, split: its messages in order, what is doubtful, and how many lines and empty
    messages say nothing.
    """

    messages: tuple[ChatMessage, ...]
    doubts: tuple[ChatDoubt, ...]
    passed_over: int = 0


def split_chat(
    campaign: Campaign,
    text: str,
    *,
    at: datetime,
    copied: date | None = None,
    hour: time | None = None,
    members: Iterable[str] = (),
) -> Chat:
    """The messages of a chat pasted at `at`, or one message of the office for rows of a sheet.
    ChatRefused if no moment is known.

    `copied` is the day on which the client showed the chat: 16:05 is of that day, 昨天 of the day
    before. `hour` stands for all messages where the paste shows none. `members` are people of the
    group whom the campaign does not name.
    """
    lines = [
        _Line(number=number, raw=raw.rstrip(), seen=_seen(raw))
        for number, raw in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1)
    ]
    if _is_table(lines):
        return Chat(messages=(_table(campaign, lines, at),), doubts=())
    names = [contact.nick for township in campaign.townships for contact in township.contacts]
    known = {_seen(name): name for name in (*names, *campaign.office_staff, *members)}
    splitter = _Splitter(campaign, lines, known, copied, hour)
    splitter.split()
    messages, doubts = _in_order(campaign, splitter.pieces, at)
    return Chat(messages=messages, doubts=doubts, passed_over=splitter.passed_over)


@dataclass(frozen=True, kw_only=True)
class _Line:
    number: int
    raw: str
    seen: str  # as it is compared: NFKC, without the characters nobody sees


@dataclass(frozen=True, kw_only=True)
class _Head:
    """A line that may begin a message; the heads of one paste all have one shape."""

    shape: str
    name: str
    known: bool
    written: Written | None = None
    said: str = ""


@dataclass(frozen=True)
class _Doubted:
    """Why something is not certain: a code, the sentence for the terminal, and what stands in
    it.
    """

    code: str
    told: str
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(kw_only=True)
class _Piece:
    """A message under way."""

    line: int
    sender: str
    at: datetime | None
    said: list[str] = field(default_factory=list)
    doubt: _Doubted | None = None
    empty: bool = True

    def say(self, line: str) -> None:
        self.said.append(line)
        self.empty = self.empty and not line.strip()

    @property
    def text(self) -> str:
        return "\n".join(self.said).strip("\n").rstrip()


class _Splitter:
    def __init__(
        self,
        campaign: Campaign,
        lines: Sequence[_Line],
        known: dict[str, str],
        copied: date | None,
        hour: time | None,
    ) -> None:
        self.campaign = campaign
        self.lines = lines
        self.known = known
        self.copied = copied
        self.hour = hour
        self.separators = [
            ruled_day(line.seen) or written_day(line.seen) or written_moment(line.seen)
            for line in lines
        ]
        self.of_the_client = [
            bool(_SYSTEM.fullmatch(line.seen) or _PREAMBLE.fullmatch(line.seen)) for line in lines
        ]
        self.heads = [
            [] if separator else self._heads(line)
            for line, separator in zip(lines, self.separators, strict=True)
        ]
        self.quoted = _quoted(lines)
        self.shape = self._shape()
        self.day: date | None = None  # said by the last separator
        # it was a day without a clock, so the clocks below it are of that day
        self.day_alone = False
        self.moment: datetime | None = None  # said by the last separator
        self.unsure = False
        self.current: _Piece | None = None
        self.pieces: list[_Piece] = []
        self.passed_over = 0
        self.labels = self._labels()
        self.towns = {
            name for township in campaign.townships for name in (township.name, *township.aliases)
        }
        self.alike = sum(head.shape == self.shape for heads in self.heads for head in heads)
        self.alone = self._alone()
        own = [
            place
            for place, heads in enumerate(self.heads)
            if any(h.shape == self.shape and h.known for h in heads)
        ]
        # Where nobody is known there must be several, each after a break.
        alike = [
            place
            for place, heads in enumerate(self.heads)
            if any(h.shape == self.shape for h in heads)
        ]
        own = own or (alike if len(alike) > 1 else [])
        self.spaced = bool(own) and all(self._after_a_break(place) for place in own)

    def split(self) -> None:
        """Fills `pieces`, in the order of the paste."""
        if self.shape == COLON and self.hour is None and not any(self.separators):
            raise ChatRefused(
                "no_times",
                "no time stands in the paste: copy it with its times, or say with --date and --time when it was written",
            )
        if self.shape == COLON and self.hour is not None and self.copied is not None:
            self.moment = moment_of(self.campaign, self.copied, self.hour)
        for place, line in enumerate(self.lines):
            if not line.seen:
                if self.current is not None:
                    self.current.say("")
            elif place in self.quoted:
                self._text(line)
            elif (head := self._head(place)) is not None:
                self._begin(place, head)
            elif self._separates(place) or self._from_the_client(place):
                self._close()
                self.passed_over += 1
            else:
                self._text(line)
        self._close()

    def _heads(self, line: _Line) -> list[_Head]:
        """Every way in which the line could begin a message."""
        seen = line.seen
        if not seen:
            return []
        heads = []
        short = len(seen) <= LONGEST_HEAD
        behind = _MOMENT_BEHIND.search(seen) if short else None
        written = written_moment(behind["moment"]) if behind else None
        if behind and written and (name := self._name(seen[: behind.start()])):
            gap = " wide" if len(behind["gap"]) > 1 or behind["gap"] == "\t" else " narrow"
            shape = f"name, {written.style}{gap if written.style == 'clock' else ''}"
            heads.append(_Head(shape=shape, name=name, known=name in self.known, written=written))
        ahead = _MOMENT_AHEAD.match(seen) if short and not heads else None
        written = written_moment(ahead["moment"]) if ahead else None
        name = self._name(_ACCOUNT.sub("", ahead["name"])) if ahead and written else None
        # 16:05 累计17户 is no head
        if written and name and (name in self.known or written.style != "clock"):
            shape = f"{written.style}, name"
            heads.append(_Head(shape=shape, name=name, known=name in self.known, written=written))
        first = _NAME_FIRST.match(seen)
        if first and (name := self._name(first["name"])):
            colon = min(place for place in (line.raw.find(":"), line.raw.find("：")) if place >= 0)
            said = line.raw[colon + 1 :].strip()
            heads.append(_Head(shape=COLON, name=name, known=name in self.known, said=said))
        return heads

    def _name(self, text: str) -> str | None:
        """The name somebody could have in a group, or None."""
        name = text.strip()
        if name in self.known:
            return name
        return (
            name
            if name
            and not _NO_NAME.match(name)
            and name[-1] not in ":,，。;；、"
            and len(name) <= 40
            else None
        )

    def _shape(self) -> str:
        """How the heads of this paste are written: as its first line is if a known name stands
        there, else as most are.
        """
        tally: Counter[str] = Counter()
        known: Counter[str] = Counter()
        first: list[_Head] | None = None
        for place, heads in enumerate(self.heads):
            if self._says_nothing(place):
                continue
            first = heads if first is None else first
            tally.update(head.shape for head in heads)
            known.update(head.shape for head in heads if head.known)
        for head in first or []:
            if head.known:
                return head.shape
        opening = {head.shape for head in first or []}
        possible = [
            shape
            for shape in tally
            if known[shape] or (shape != COLON and (shape in opening or tally[shape] > 1))
        ]
        if not possible:
            raise ChatRefused(
                "nobody_known",
                "no message of a known sender was found: paste names and times as the chat client copies them,"
                " and name with --member who is in the group and not in the campaign",
            )
        return max(
            possible, key=lambda shape: (known[shape], shape in opening, tally[shape], shape)
        )

    def _labels(self) -> re.Pattern[str]:
        campaign = self.campaign
        words = {
            *_LABELS,
            campaign.unit,
            campaign.short_title,
            campaign.title,
            campaign.area,
            campaign.office,
        }
        words |= {word for stage in campaign.stages for word in (stage.name, *stage.words)}
        words |= {
            word for category in campaign.categories for word in (category.name, *category.words)
        }
        words |= {
            word for township in campaign.townships for word in (township.name, *township.aliases)
        }
        ordered = sorted(
            (re.escape(unicodedata.normalize("NFKC", word)) for word in words if word),
            key=len,
            reverse=True,
        )
        return re.compile("|".join((*ordered, r"[\d\W_]+")))

    def _head(self, place: int) -> _Head | None:
        """The head at this line, None if it is text; what could be either spoils the message it may
        belong to.
        """
        for head in self.heads[place]:
            if head.shape != self.shape:
                continue
            certain = self._as_the_others(head, place) if head.known else self._certain(head, place)
            if certain:
                return head
            if certain is None:
                self._doubt(self.lines[place], "may_begin", "may begin a message of somebody else")
            return None
        if self.alike < 2:  # one head is no custom yet
            for head in self.heads[place]:
                if head.known and head.shape != COLON:
                    self._doubt(
                        self.lines[place], "like_a_head", "looks like the head of a message"
                    )
        return None

    def _alone(self) -> bool:
        """Whether behind a colon the text of this paste begins on the next line, as it does for
        most of the known names.
        """
        empty = [
            not head.said
            for heads in self.heads
            for head in heads
            if head.shape == COLON and head.known
        ]
        return 2 * sum(empty) > len(empty) or (
            2 * sum(empty) == len(empty) and bool(empty) and empty[0]
        )

    def _as_the_others(self, head: _Head, place: int) -> bool | None:
        """Whether a known name begins a message: 稻溪镇-谢：17 in a list of the office is not
        written as the heads around it.
        """
        if head.shape != COLON or self.alone is not bool(head.said) or self._after_a_break(place):
            return True
        return None

    def _certain(self, head: _Head, place: int) -> bool | None:
        """Whether a line with a name nobody knows begins a message: True, False, or None for nobody
        can say.
        """
        label = not self.labels.sub("", head.name)
        spaced = self.spaced and self._after_a_break(place)
        if head.shape == COLON:
            return False if label and head.name not in self.towns else None
        if _OF_TIME.search(head.name):
            return False
        if label:
            return True if spaced else None
        if self._of_a_township(head.name):
            return True
        return True if spaced or not head.shape.endswith("narrow") else None

    def _of_a_township(self, name: str) -> bool:
        """Whether a name is written as a contact's is: 岚口镇-李秀英, a township and somebody of
        it.
        """
        for town in self.towns:
            rest = re.sub(r"[\W_]+", "", name.removeprefix(town)) if name.startswith(town) else ""
            if (
                1 <= len(rest) <= 8
                and self.labels.sub("", rest)
                and not re.search(r"\d|[村组户屯社]$", rest)
            ):
                return True
        return False

    def _begin(self, place: int, head: _Head) -> None:
        self._close()
        line = self.lines[place]
        piece = _Piece(line=line.number, sender=self.known.get(head.name, head.name), at=None)
        if head.written is None:
            piece.at = self.moment
            if piece.at is None:
                piece.doubt = _Doubted("no_time", "no time stands before it")
        else:
            day = self._day_of(head.written, line, of_separator=False)
            if day is None:
                piece.doubt = _Doubted("no_day", "its day is not certain")
            elif head.written.clock is not None:
                piece.at = moment_of(self.campaign, day, head.written.clock)
        if head.said:
            piece.say(head.said)
        self.current = piece

    def _day_of(self, written: Written, line: _Line, *, of_separator: bool) -> date | None:
        """The day a head or separator stands for; None if it is no day or not certain, ChatRefused
        if the clerk must say it.
        """
        if written.day:
            try:
                day = day_meant(self.campaign, written.day, self.copied)
            except ValueError:
                return None
            if day is not None:
                return day
        elif of_separator:
            day = self.day if self.day_alone else self.copied
        else:
            day = self.day or self.copied
        if day is None and self.unsure:
            return None
        if day is None:
            raise ChatRefused(
                "no_date",
                f"line {line.number} ({line.seen[:40]}) does not say its date: give the day on which the chat was copied with --date",
                line=line.number,
                text=line.seen[:40],
            )
        return day

    def _says_nothing(self, place: int) -> bool:
        """Whether nobody of the group wrote the line, as far as it shows by itself."""
        return (
            not self.lines[place].seen or bool(self.separators[place]) or self.of_the_client[place]
        )

    def _separates(self, place: int) -> bool:
        """Whether the line only says when what follows was written; takes note of it."""
        line, written = self.lines[place], self.separators[place]
        if written is None:
            return False
        if written.ruled:
            self._note(written, line)
            return True
        if self.shape.removeprefix("name, ").startswith("date"):
            return False  # every head has its own date; this line is what somebody wrote
        empty = self.current is not None and self.current.empty
        before_a_head = self._next_is_a_head(place)
        if self.shape == COLON:
            if empty:
                return False
            if self.current is None or self._after_a_break(place) or before_a_head:
                self._note(written, line)
                return True
            self._doubt(line, "time_of_whom", "may be a time of the client or of the message")
            return False
        if before_a_head and (self.current is None or (self._after_a_break(place) and not empty)):
            self._note(written, line)
            return True
        if before_a_head and not empty:
            self._doubt(
                line, "day_of_what", "may say the day of what follows, or belong to the message"
            )
            self.day, self.unsure = None, True
        return False

    def _note(self, written: Written, line: _Line) -> None:
        self.day = self._day_of(written, line, of_separator=True)
        self.day_alone = written.clock is None
        self.unsure = self.day is None
        self.moment = None
        if self.day is not None and written.clock is not None:
            self.moment = moment_of(self.campaign, self.day, written.clock)

    def _from_the_client(self, place: int) -> bool:
        """Whether the client itself wrote the line: 撤回了一条消息, 以下为新消息."""
        line = self.lines[place]
        if not self.of_the_client[place] or (self.current is not None and self.current.empty):
            return False
        if self.current is None or self._after_a_break(place) or self._breaks(place + 1):
            return True
        self._doubt(line, "line_of_whom", "may be of the client or of the message")
        return False

    def _after_a_break(self, place: int) -> bool:
        return place == 0 or self._breaks(place - 1, heads=False)

    def _breaks(self, place: int, *, heads: bool = True) -> bool:
        if place >= len(self.lines):
            return True
        if self._says_nothing(place):
            return True
        return heads and any(head.shape == self.shape for head in self.heads[place])

    def _next_is_a_head(self, place: int) -> bool:
        following = next(
            (at for at in range(place + 1, len(self.lines)) if self.lines[at].seen), None
        )
        return following is not None and any(
            head.shape == self.shape for head in self.heads[following]
        )

    def _doubt(self, line: _Line, code: str, told: str) -> None:
        if self.current is None:
            self.current = _Piece(line=line.number, sender="", at=None)
        said = f"line {line.number} {told}"
        self.current.doubt = self.current.doubt or _Doubted(code, said, {"line": line.number})

    def _text(self, line: _Line) -> None:
        if self.current is None:
            self.current = _Piece(
                line=line.number,
                sender="",
                at=None,
                doubt=_Doubted("nobody_above", "nobody's name stands above it"),
            )
        self.current.say(line.raw)

    def _close(self) -> None:
        if self.current is not None:
            if not self.current.empty:
                self.pieces.append(self.current)
            else:
                self.passed_over += 1
        self.current = None


def _in_order(
    campaign: Campaign, pieces: Sequence[_Piece], at: datetime
) -> tuple[tuple[ChatMessage, ...], tuple[ChatDoubt, ...]]:
    """Numbers the messages; one that goes back in time must be one seen before (two overlapping
    pastes), else it is doubtful.
    """
    doubtful: dict[int, _Doubted] = {
        place: piece.doubt for place, piece in enumerate(pieces) if piece.doubt
    }
    messages: dict[str, tuple[int, ChatMessage]] = {}
    count: Counter[str] = Counter()
    newest = last = None
    for place, piece in enumerate(pieces):
        if place in doubtful or piece.at is None:
            continue
        if piece.at > at + timedelta(minutes=1):
            moment = f"{piece.at:%Y-%m-%d %H:%M}"
            doubtful[place] = _Doubted(
                "not_come", f"it would be of {moment}, which has not come yet", {"moment": moment}
            )
            continue
        # Clients differ in whether they print seconds: within the minute the same words are the
        # same message.
        minute = piece.at.replace(second=0)
        if last is not None and minute < last:
            count.clear()
        last = minute
        key = "\x1f".join((campaign.key, piece.sender, minute.isoformat(), piece.text))
        count[key] += 1
        number = hashlib.sha256(
            f"{key}\x1f{count[key]}".encode("utf-8", "surrogatepass")
        ).hexdigest()[:32]
        if number in messages:
            continue
        if newest is not None and minute < newest:
            doubtful[place] = _Doubted(
                "older", f"it is older than the message above it: {_OUT_OF_ORDER}"
            )
            if place and place - 1 not in doubtful:
                doubtful[place - 1] = _Doubted(
                    "older_below", f"the message below it is older: {_OUT_OF_ORDER}"
                )
            continue
        newest = minute
        message = ChatMessage(
            id=number, sender=piece.sender, at=piece.at, text=piece.text, line=piece.line
        )
        messages[number] = (place, message)
    return (
        tuple(message for place, message in messages.values() if place not in doubtful),
        tuple(
            ChatDoubt(
                line=pieces[place].line,
                text=pieces[place].text,
                why=why.told,
                code=why.code,
                facts=why.facts,
            )
            for place, why in sorted(doubtful.items())
        ),
    )


def _is_table(lines: Sequence[_Line]) -> bool:
    rows = [line.raw.strip("\n") for line in lines if line.seen]
    cells = [row.split("\t") for row in rows]
    return (
        len(rows) > 1
        and len(cells[0]) > 1
        and all("\t" in row for row in rows)
        and not any(map(_digits, cells[0]))
    )


def _digits(cell: str) -> bool:
    return cell.strip().isdigit()


def _table(campaign: Campaign, lines: Sequence[_Line], at: datetime) -> ChatMessage:
    """Rows of a sheet with a header: one reply of the office, said now; the same rows on one day
    are one message.
    """
    text = "\n".join(line.raw for line in lines if line.seen)
    sender = next(iter(campaign.office_staff), campaign.office)
    day = at.astimezone(campaign.timezone).date()
    key = "\x1f".join((campaign.key, sender, day.isoformat(), text))
    number = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return ChatMessage(id=number, sender=sender, at=at, text=text, line=1)


def _quoted(lines: Sequence[_Line]) -> frozenset[int]:
    """The lines of quotes that run over several lines: from 「昵称：… to the rule under 」."""
    quoted: set[int] = set()
    opened: int | None = None
    for place, line in enumerate(lines):
        if opened is None and "「" in line.seen and "」" not in line.seen:
            opened = place
        elif opened is not None and line.seen.endswith("」"):
            if place + 1 < len(lines) and _RULE_OF_A_QUOTE.fullmatch(lines[place + 1].seen):
                quoted.update(range(opened + 1, place + 2))
            opened = None
        elif opened is not None and place - opened > 50:
            opened = None
    return frozenset(quoted)


def _seen(text: str) -> str:
    return unicodedata.normalize("NFKC", _UNSEEN.sub("", text)).strip()
