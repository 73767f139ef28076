"""The season that is played: a campaign of forty townships told on three platforms, its moments,
and the replies that come in.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from bot.domain.replies.reading import Incoming

ZONE = ZoneInfo("Asia/Shanghai")
KEY = "drill"
START = date(2026, 3, 2)
DAYS = 90
"""How long the campaign runs: longer than any season played of it."""

HOURS = {
    "digest": time(8),
    "call": time(8, 30),
    "remind": time(16),
    "bulletin": time(17, 30),
    "overdue": time(17, 40),
}
CUTOFF = time(17)
GROUPS = {
    # Long names make the table outgrow one message of WeCom and one card of Feishu: pages too may
    # be lost or doubled.
    "townships": ("wecom", ("call", "remind", "bulletin")),
    "leaders": ("feishu", ("bulletin", "digest")),
    "supervisors": ("dingtalk", ("overdue", "bulletin")),
    "east": ("dingtalk", ("call", "remind", "bulletin")),
    "west": ("feishu", ("call", "bulletin", "overdue")),
    "hall": ("wecom", ("bulletin", "digest")),
}
"""Of each group its platform and the kinds of notice it is sent."""

TOWNSHIPS = 40
REPORTING = 12
"""Only the first so many ever report: somebody is missing and overdue every day, so every job has
something to say.
"""

LOOK_AGAIN = (10, 130, 400, 1500)
"""Seconds after an hour at which the service looks again: leases end in between, and pauses of a
robot.
"""


def address_setting(group: str) -> str:
    """The setting that holds the address of a group's robot."""
    return f"DRILL_{group.upper()}"


def secret_setting(group: str) -> str:
    """The setting that holds the secret of a group's robot."""
    return f"DRILL_{group.upper()}_SECRET"


def campaign_file() -> str:
    """The campaign as an operator would write it."""
    lines = [
        f'key = "{KEY}"',
        'title = "全县演练"\nshort_title = "演练"\narea = "全县"\nbureau = "县住建局"\noffice = "专班"',
        'office_staff = ["office"]\nunit = "户"\ndays = "every_day"\nunmarked_is_headline = true',
        f'start = {START}\ndeadline = {START + timedelta(days=DAYS - 1)}\ncutoff = "{CUTOFF:%H:%M}"',
        "[hours]",
        *(f'{job} = "{hour:%H:%M}"' for job, hour in HOURS.items()),
        '[basis]\nday = 2026-02-10\npaper = "演练任务清单"',
        '[[stages]]\nkey = "completed"\nname = "竣工"\nwords = ["竣工", "完工"]\nheadline = true',
    ]
    for group, (platform, kinds) in GROUPS.items():
        lines += [
            f'[[groups]]\nkey = "{group}"\nname = "{group}"\nplatform = "{platform}"\naudience = "townships"',
            f"notices = [{', '.join(repr(kind) for kind in kinds)}]",
            f'address_setting = "{address_setting(group)}"\nsecret_setting = "{secret_setting(group)}"',
        ]
    for number in range(1, TOWNSHIPS + 1):
        lines += [
            f'[[townships]]\nname = "{township(number)}"\ntarget = 500',
            f'contacts = [{{ name = "员{number}", nick = "{nick(number)}", phone = "139{number:08d}" }}]',
        ]
    return "\n".join(lines) + "\n"


def township(number: int) -> str:
    """The full name of the township of that number, long as some are."""
    tens, ones = divmod(number, 10)
    digits = "零一二三四五六七八九"
    return f"第{digits[tens]}{digits[ones]}片区农村危房改造综合推进示范镇"


def nick(number: int) -> str:
    """The name under which a township's contact writes."""
    return f"片区{number}-员"


def day_of(index: int) -> date:
    """The reporting day of issue 第`index`期."""
    return START + timedelta(days=index - 1)


def moment(day: date, hour: time) -> datetime:
    """That hour of that day where the campaign is."""
    return datetime.combine(day, hour, ZONE)


def hours_of(index: int) -> list[datetime]:
    """The moments of the calendar day of issue `index` at which a job is planned."""
    return [moment(day_of(index), hour) for hour in HOURS.values()]


def moments_of(index: int) -> list[datetime]:
    """Every moment of that calendar day at which the service is made to look, in order."""
    noon = [moment(day_of(index), time(hour)) for hour in (10, 12, 14)]
    return sorted(
        {at + timedelta(seconds=after) for at in hours_of(index) for after in (0, *LOOK_AGAIN)}
        | {*noon}
    )


def replies_of(index: int, chance: Random) -> list[Incoming]:
    """What the contacts write on that day, each the whole number finished so far; between the call
    and the bulletin or after it.
    """
    told = []
    for number in range(1, REPORTING + 1):
        if chance.random() < 0.75:
            sent = moment(day_of(index), time(8, 31)) + timedelta(
                seconds=chance.randrange(10 * 3600)
            )
            told.append(
                Incoming(
                    id=f"{index}-{number}",
                    text=f"竣工累计{index + number}户",
                    sender=nick(number),
                    at=sent,
                )
            )
    return sorted(told, key=lambda reply: reply.at)


def value_of(reply: Incoming) -> tuple[str, int]:
    """The township and the number a reply of ours says, known without reading it."""
    index, _, number = reply.id.partition("-")
    return township(int(number)), int(index) + int(number)


class Due:
    """One notice the campaign may owe: its kind, the issue it is about, and the span of time in
    which it is to be made.
    """

    def __init__(self, kind: str, index: int) -> None:
        day, tomorrow = day_of(index), day_of(index + 1)
        self.kind, self.day = kind, day
        self.since = moment(tomorrow if kind == "digest" else day, HOURS[kind])
        # Past the cut-off nobody is asked any more; a digest gives way to a later bulletin, the
        # others to their own next.
        self.until = {
            "call": moment(day, CUTOFF),
            "remind": moment(day, CUTOFF),
            "digest": moment(tomorrow, HOURS["bulletin"]),
        }.get(kind, moment(tomorrow, HOURS[kind]))
        named = f"{day.month}月{day.day}日"
        self.title = {
            "call": f"【演练】{named}报送提醒",
            "remind": f"【演练】{named}未报提醒",
            "bulletin": f"【演练每日调度】第{index}期",
            "overdue": f"【演练】{named}逾期清单",
            "digest": f"【演练】{tomorrow.month}月{tomorrow.day}日晨报",
        }[kind]


def notices_due(days: int) -> Iterator[Due]:
    """Every notice that may be owed for the first so many days."""
    for index in range(1, days + 1):
        for kind in HOURS:
            yield Due(kind, index)
