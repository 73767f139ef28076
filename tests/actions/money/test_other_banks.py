"""A toilet campaign of 2,000 yuan a case, paid through five banks whose files nobody wrote code
for.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from bot.actions.money.approve import NotPaid, approve, make_list
from bot.actions.money.forms import write_form
from bot.actions.money.take import GRANTS, LIST, RETURN, MoneyTaken
from bot.actions.registers.take import SentFile, take_in
from bot.domain.campaigns.enrolled import Enrolled
from bot.domain.decisions.actor import Actor
from bot.domain.decisions.kinds import DecisionKind
from bot.domain.decisions.subjects import BankFormSubject
from bot.domain.money.amounts import Fen
from bot.domain.money.doubts import MoneyDoubtKind, Weight
from bot.domain.registers import cells
from bot.store import Store
from bot.store.campaigns import versions
from bot.store.decisions import decisions
from bot.store.money import money
from bot.views.money.audit import audited
from config.campaign_file.loader import load_campaign
from tests.actions.money.conftest import MoneyDesk
from tests.actions.registers.conftest import KEYS
from tests.ledger2021 import JOBS, PLATFORMS
from tests.sheets.books import csv_of, xlsx_of

CAMPAIGN = load_campaign(
    Path(__file__).parents[2] / "toilets2026" / "campaign.toml", platforms=PLATFORMS, jobs=JOBS
).campaign
EACH = Fen(200_000)
CASES = 12
HEADS = ["所在镇", "厕编号", "户主", "证件号码", "奖补金额(元)", "卡号"]


@dataclass(frozen=True, kw_only=True)
class Said:
    """One line of a return before it is written in a bank's own way."""

    number: int
    through: bool = True
    amount: int = EACH
    account: str = ""
    serial: str = ""
    words: str = "户名不符"

    @property
    def card(self) -> str:
        return self.account or account(self.number)

    @property
    def mark(self) -> str:
        return self.serial or f"70{self.number:06}"


NAMES = [
    "王一",
    "李二",
    "张三",
    "赵四",
    "钱五",
    "孙六",
    "周七",
    "吴八",
    "郑九",
    "冯十",
    "陈平",
    "褚安",
]


def account(number: int) -> str:
    return f"62284800000000{number:05}"


def identity(number: int) -> str:
    first = f"99999919600101{number:03}"
    return first + cells.check_digit(first)


def yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02}"


TABBED = """
shape = "delimited"
separator = "\\t"
encoding = ["utf-8", "gb18030"]
record = { count = 7, last = 1 }
columns = { serial = 0, name = 1, account = 2, amount = 3, day = 4, code = 5, reason = 6 }
sums = { tail = { lines = 1, amount = 2, through = 3, failed = 4 } }
day = "%Y/%m/%d"
through = ["Y"]
failed = { "N" = "" }
"""


def tabbed(rows: Sequence[Said]) -> bytes:
    lines = [
        "\t".join(
            (
                row.mark,
                NAMES[row.number - 1],
                row.card,
                yuan(row.amount),
                "2026/05/20",
                "Y" if row.through else "N",
                "" if row.through else row.words,
            )
        )
        for row in rows
    ]
    through = [row for row in rows if row.through]
    total = "\t".join(
        (
            "汇总",
            str(len(rows)),
            yuan(sum(row.amount for row in rows)),
            str(len(through)),
            str(len(rows) - len(through)),
        )
    )
    return "\n".join((*lines, total, "")).encode("utf-8-sig")


IN_FEN = """
shape = "csv"
encoding = "gb18030"
columns = { serial = "交易序号", account = "入账卡号", name = "入账户名", amount = "金额(分)", day = "入账日", code = "标志", reason = "说明" }
unit = "fen"
day = "%Y%m%d"
through = ["00"]
failed = { "05" = "户名不符", "14" = "无此卡号" }
"""


def in_fen(rows: Sequence[Said]) -> bytes:
    table = [["入账卡号", "入账户名", "金额(分)", "标志", "说明", "入账日", "交易序号"]]
    table += [
        [
            row.card,
            NAMES[row.number - 1],
            str(row.amount),
            "00" if row.through else "05",
            "" if row.through else row.words,
            "20260520",
            row.mark,
        ]
        for row in rows
    ]
    table.append(["合计", f"{len(rows)}笔", str(sum(row.amount for row in rows)), "", "", "", ""])
    return csv_of(*table, encoding="gb18030")


BY_BYTES = """
shape = "fixed"
encoding = "gbk"
width = 82
record = { bytes = [0, 2], head = "00", line = "10", tail = "99" }
columns = { line = [2, 10], account = [10, 32], name = [32, 48], amount = [48, 60], day = [60, 68], code = [68, 70], serial = [70, 82] }
sums = { head = { lines = [2, 10], amount = [10, 26] }, tail = { through = [2, 10], through_amount = [10, 26] } }
unit = "fen"
day = "%Y%m%d"
through = ["OK"]
failed = { "E1" = "账号不存在", "E2" = "已冻结" }
"""


def by_bytes(rows: Sequence[Said]) -> bytes:
    def room(text: str, width: int) -> bytes:
        raw = text.encode("gbk")
        return raw + b" " * (width - len(raw))

    lines = [b"00" + f"{len(rows):08}{sum(row.amount for row in rows):016}".encode()]
    lines += [
        b"10"
        + b"00000000"
        + room(row.card, 22)
        + room(NAMES[row.number - 1], 16)
        + f"{row.amount:012}20260520{'OK' if row.through else 'E1'}".encode()
        + room(row.mark, 12)
        for row in rows
    ]
    through = [row for row in rows if row.through]
    lines.append(b"99" + f"{len(through):08}{sum(row.amount for row in through):016}".encode())
    return b"\r\n".join((*lines, b""))


NAMED_SHEET = """
shape = "sheet"
sheet = "明细"
columns = { serial = "凭证号", account = "收款人账号", name = "收款人名称", amount = "支付金额", code = "交易结果信息", reason = "退回原因" }
day_in_note = "入账日期(\\\\d{4}年\\\\d{1,2}月\\\\d{1,2}日)"
day = "%Y年%m月%d日"
through = ["支付成功"]
failed = { "已退回*" = "", "失败*" = "" }
"""


def named_sheet(rows: Sequence[Said]) -> bytes:
    through = [row for row in rows if row.through]
    return xlsx_of(
        ["代发结果  入账日期2026年5月20日"],
        ["序号", "凭证号", "收款人账号", "收款人名称", "支付金额", "交易结果信息", "退回原因"],
        *[
            [
                at,
                row.mark,
                row.card,
                NAMES[row.number - 1],
                row.amount / 100,
                "支付成功" if row.through else "已退回(行内)",
                "" if row.through else row.words,
            ]
            for at, row in enumerate(rows, 1)
        ],
        [
            "合计",
            f"{len(rows)}笔",
            "",
            f"成功{len(through)}笔",
            sum(row.amount for row in rows) / 100,
            f"失败{len(rows) - len(through)}笔",
            "",
        ],
        sheet="明细",
    )


DRAWN = """
shape = "delimited"
separator = "│"
encoding = "gb18030"
columns = { account = "账号", name = "客户姓名", amount = "交易金额", code = "处理结果", serial = "核心流水" }
through = ["成功"]
failed = { "户名不符*" = "", "已销户*" = "" }
"""


def drawn(rows: Sequence[Said]) -> bytes:
    lines = [
        "批量代发清单  日期 20260520",
        "┍━━┯━━┯━━┯━━┯━━┑",
        "│核心流水│客户姓名│账号│交易金额│处理结果│",
        "┝━━┿━━┿━━┿━━┿━━┥",
        *[
            f"│{row.mark}│{NAMES[row.number - 1]:<8}│{row.card}│{yuan(row.amount):>12}│{'成功' if row.through else row.words}│"
            for row in rows
        ],
        "┝━━┿━━┿━━┿━━┿━━┥",
        f"│合计│{len(rows)}笔│ │{yuan(sum(row.amount for row in rows))}│ │",
        "┕━━┷━━┷━━┷━━┷━━┙",
    ]
    return "\r\n".join(lines).encode("gb18030")


BANKS: dict[str, tuple[str, Callable[[Sequence[Said]], bytes]]] = {
    "tabbed": (TABBED, tabbed),
    "in-fen": (IN_FEN, in_fen),
    "by-bytes": (BY_BYTES.replace("line = [2, 10], ", ""), by_bytes),
    "named-sheet": (NAMED_SHEET, named_sheet),
    "drawn": (DRAWN, drawn),
}


@dataclass
class Bank:
    """A campaign with twelve accepted toilets listed and out, and a bank that answers in its own
    form.
    """

    desk: MoneyDesk
    write: Callable[[Sequence[Said]], bytes]

    def answers(
        self, rows: Sequence[Said], at: str = "2026-05-20T17:00:00+08:00", **terms: Any
    ) -> MoneyTaken:
        return self.desk.money(RETURN, "回盘", self.write(rows), at, **terms)

    def pots(self) -> tuple[int, int, int]:
        balance = self.desk.ledger().balance()
        assert (
            balance.granted
            == balance.paid + balance.in_transit + balance.failed_waiting + balance.free
        )
        with self.desk.store.reading() as session:
            moment = datetime.fromisoformat("2026-12-31T00:00:00+08:00")
            assert audited(session, self.desk.enrolled.campaign, moment) == []
        return balance.paid // EACH, balance.in_transit // EACH, balance.failed_waiting // EACH


def set_up(store: Store, forms: dict[str, str]) -> MoneyDesk:
    at = datetime.fromisoformat("2026-04-01T09:00+08:00")
    with store.writing() as session:
        version = versions.record_version(session, CAMPAIGN.key, "content", at)
        enrolled = Enrolled(campaign=CAMPAIGN, version=version)
        rows = [
            [
                "柳溪镇",
                f"GCA-{n:04}",
                NAMES[n - 1],
                identity(n),
                2000,
                account(n),
                "2026-04-02",
                "2026-04-20",
                "2026-05-06",
            ]
            for n in range(1, CASES + 1)
        ]
        content = xlsx_of(["名册"], [*HEADS, "动工日期", "建成日期", "验收日期"], *rows)
        moment = datetime.fromisoformat("2026-05-10T09:00+08:00")
        take_in(
            session,
            enrolled,
            "list",
            SentFile(name="名册", content=content),
            by=Actor(name="李"),
            keys=KEYS,
            at=moment,
        )
        for key, text in forms.items():
            write_form(session, CAMPAIGN, key, text, by=Actor(name="王会计"), at=at)
    return MoneyDesk(store=store, enrolled=enrolled)


def listed(
    desk: MoneyDesk,
    changed: dict[int, Any] | None = None,
    at: str = "2026-05-20T09:00:00+08:00",
    **terms: Any,
) -> MoneyTaken:
    rows = [
        [
            "柳溪镇",
            f"GCA-{n:04}",
            NAMES[n - 1],
            identity(n),
            (changed or {}).get(n, 2000),
            account(n),
        ]
        for n in range(1, CASES + 1)
    ]
    content = xlsx_of(["第一批发放清单"], HEADS, *rows, ["合计", "", f"{CASES}座"])
    given = {"approved": Fen(EACH * CASES), "paper": "X财农〔2026〕1号", **terms}
    return desk.money(LIST, "清单", content, at, **given)


@pytest.fixture(scope="module")
def listed_ledger(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger in which all twelve are listed and out, and the forms of all five banks are
    known.
    """
    path = tmp_path_factory.mktemp("toilets") / "ledger.sqlite3"
    shutil.copy(sqlite_template, path)
    store = Store(f"sqlite:///{path}")
    desk = set_up(store, {key: text for key, (text, _) in BANKS.items()})
    grants = csv_of(["文号", "下达日期", "金额(万元)"], ["X财〔2026〕3号", "2026-03-01", "3"])
    desk.money(GRANTS, "下达", grants, "2026-04-02T09:00:00+08:00")
    assert not listed(desk).doubts
    store.close()
    return path


@pytest.fixture(params=list(BANKS))
def bank(request: pytest.FixtureRequest, listed_ledger: Path, tmp_path: Path) -> Iterator[Bank]:
    """Each of the five banks; all their forms are known, and each file must find its own."""
    shutil.copy(listed_ledger, tmp_path / "ledger.sqlite3")
    store = Store(f"sqlite:///{tmp_path / 'ledger.sqlite3'}")
    yield Bank(
        desk=MoneyDesk(store=store, enrolled=Enrolled(campaign=CAMPAIGN, version=1)),
        write=BANKS[request.param][1],
    )
    store.close()


def whole() -> list[Said]:
    return [Said(number=n, through=n not in (3, 8)) for n in range(1, CASES + 1)]


def test_a_whole_return_then_what_failed_again(bank: Bank) -> None:
    taken = bank.answers(whole())
    assert (taken.taken, taken.rows) == (CASES, CASES)
    assert [doubt for doubt in taken.doubts if doubt.kind != MoneyDoubtKind.REASON_MISSING] == []
    assert bank.pots() == (10, 0, 2)
    assert (
        bank.answers(whole(), "2026-05-21T09:00:00+08:00").doubts[-1].kind
        == MoneyDoubtKind.FILE_AGAIN
    )
    campaign = bank.desk.enrolled
    at = datetime.fromisoformat("2026-05-25T09:00:00+08:00")
    with bank.desk.store.writing() as session:
        made = make_list(session, campaign, by=Actor(name="李"), at=at, batch=1)
    with pytest.raises(NotPaid, match="another person"), bank.desk.store.writing() as session:
        approve(
            session,
            campaign,
            made.number,
            by=Actor(name="李"),
            approved=made.amount,
            paper="Y",
            at=at,
        )
    with bank.desk.store.writing() as session:
        assert (
            approve(
                session,
                campaign,
                made.number,
                by=Actor(name="王会计"),
                approved=made.amount,
                paper="Y",
                at=at,
            )
            == 2
        )
    assert bank.pots() == (10, 2, 0)
    again = [Said(number=3, serial="80000003"), Said(number=8, serial="80000008")]
    bank.answers(again, "2026-05-25T17:00:00+08:00")
    assert bank.pots() == (12, 0, 0)


def test_halves_doubles_and_any_order_come_to_the_same(bank: Bank) -> None:
    rows = whole()
    for some in (rows[7:], rows[:7], rows[::-1], rows[3:9]):
        bank.answers(some)
    assert bank.pots() == (10, 0, 2)


def test_one_line_too_many_is_told_and_the_others_are_facts(bank: Bank) -> None:
    taken = bank.answers(
        [*whole(), Said(number=2, account="6228480099999999999", serial="71000099")]
    )
    told = {(doubt.kind, doubt.weight) for doubt in taken.doubts} - {
        (MoneyDoubtKind.REASON_MISSING, Weight.WARN)
    }
    assert told == {(MoneyDoubtKind.LINE_UNKNOWN, Weight.ROW)}
    assert bank.pots() == (10, 0, 2)


def test_a_planted_fen_stays_out(bank: Bank) -> None:
    rows = [Said(number=n, amount=EACH + (1 if n == 5 else 0)) for n in range(1, CASES + 1)]
    taken = bank.answers(rows)
    assert (MoneyDoubtKind.AMOUNT_DIFFERS, Weight.ROW) in {
        (doubt.kind, doubt.weight) for doubt in taken.doubts
    }
    assert bank.pots() == (11, 1, 0)


def test_money_that_went_out_twice_is_never_dropped(bank: Bank) -> None:
    bank.answers(whole())
    taken = bank.answers([Said(number=1, serial="79999999")], "2026-05-22T17:00:00+08:00")
    assert [doubt.kind for doubt in taken.doubts] == [MoneyDoubtKind.PAID_TWICE]
    assert bank.pots() == (11, 0, 2)
    assert bank.desk.ledger().balance().paid_twice == EACH


def test_a_list_with_a_fen_too_much_does_not_go(store: Store) -> None:
    desk = set_up(store, {})
    grants = csv_of(["文号", "金额(万元)"], ["X财〔2026〕3号", "2.4"])
    desk.money(GRANTS, "下达", grants, "2026-04-02T09:00:00+08:00")
    taken = listed(desk, {4: "2000.01"})
    assert {str(doubt.kind) for doubt in taken.doubts} == {
        "amount_over",
        "batch_total_differs",
        "granted_exceeded",
    }
    assert not desk.ledger().lines
    assert not listed(desk).doubts
    assert desk.ledger().balance().free == 0


def test_a_form_that_can_no_longer_be_read_stops_no_other(bank: Bank) -> None:
    with bank.desk.store.writing() as session:
        decision = decisions.add_decision(
            session,
            campaign=CAMPAIGN.key,
            by=Actor(name="王会计"),
            kind=DecisionKind.BANK_FORM_WRITTEN,
            subject=BankFormSubject(key="old"),
            at=datetime.fromisoformat("2026-05-01T09:00:00+08:00"),
        )
        moment = datetime.fromisoformat("2026-05-01T09:00:00+08:00")
        money.add_form(
            session, CAMPAIGN.key, key="old", text="shape = 1", decision_number=decision, at=moment
        )
    assert bank.answers(whole()).taken == CASES
