"""A small register for the rules: three stages, a category, a person, an account, and marks made by
hand.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from bot.domain.campaigns.campaign import RegisterKey, StageKey
from bot.domain.campaigns.register import (
    Column,
    ColumnKind,
    FilingKind,
    Mouth,
    Register,
    RegisterStage,
    Tail,
)
from bot.domain.registers.case import REACHED, TOWNSHIP, CaseCode, Mark
from tests.builders import SHANGHAI

STARTED, BUILT, PAID, CODED = map(StageKey, ("started", "built", "paid", "coded"))
ROSTER = FilingKind(key="roster", name="名册", enters=True)
WEEKLY = FilingKind(key="weekly", name="周报")
TOLD = FilingKind(key="told", name="乡镇反馈", mouth=Mouth.TOWNSHIP)

REGISTER = Register(
    key=RegisterKey("toilets"),
    name="改厕台账",
    unit="座",
    code_form="GC-###",
    code_heads=("编号",),
    township_heads=("乡镇",),
    category="kind",
    stages=(
        RegisterStage(key=STARTED, name="动工", proof=Mouth.OFFICE, heads=("动工日期",)),
        RegisterStage(key=BUILT, name="建成", proof=Mouth.OFFICE, heads=("建成日期",)),
        RegisterStage(key=PAID, name="拨付", proof=Mouth.BANK),
        RegisterStage(
            key=CODED,
            name="入库",
            proof=Mouth.TOWNSHIP,
            heads=("入库日期",),
            done_heads=("是否入库",),
        ),
    ),
    columns=(
        Column(
            key="kind",
            name="类型",
            kind=ColumnKind.CHOICE,
            heads=("类型",),
            choices={"三格式": "three", "双瓮式": "two"},
            unknown="category_unknown",
        ),
        Column(
            key="holder",
            name="户主",
            kind=ColumnKind.PERSON,
            heads=("户主",),
            identity_heads=("身份证号",),
            tail_heads=("后四位",),
        ),
        Column(key="account", name="账号", kind=ColumnKind.ACCOUNT, heads=("账号",)),
        Column(
            key="helper",
            name="包户干部",
            kind=ColumnKind.TEXT,
            heads=("包户干部",),
            duty="人员落实",
        ),
    ),
    filings=(ROSTER, WEEKLY, TOLD),
    tails=(Tail(first=STARTED, then=BUILT, within=30),),
    undone_words=("撤销",),
    yes_words=("是",),
    no_words=("否",),
)


def moment(hours: int) -> datetime:
    """So many hours after the list was made."""
    return datetime(2021, 9, 1, 8, tzinfo=SHANGHAI) + timedelta(hours=hours)


def mark(number: int, case: str, what: str, value: str | None = REACHED, **changes: Any) -> Mark:
    """A mark by the office, recorded in the hour of its number."""
    facts: dict[str, Any] = {"mouth": Mouth.OFFICE, "recorded_at": moment(number)}
    return Mark(number=number, case=CaseCode(case), what=what, value=value, **{**facts, **changes})


def entered(number: int, case: str, township: str = "云樟镇") -> Mark:
    """The mark by which a case exists."""
    return mark(number, case, TOWNSHIP, township)


def on(text: str) -> date:
    """A day of 2021."""
    return date.fromisoformat(f"2021-{text}")
