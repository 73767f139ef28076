"""Rows pasted from a sheet: the head names what each column is, and a 合计 row is checked against its rows (rule 9)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from bot.domain.campaigns.campaign import Campaign, TownshipName
from bot.domain.replies.reading.grammar import Token, tokens_of
from bot.domain.replies.reading.lexicon import Lexicon, lexicon_of
from bot.domain.replies.reading.model import Unclear
from bot.domain.replies.reading.normal import normal
from bot.domain.replies.reading.numerals import number

UNITS = frozenset(
    {
        "乡镇",
        "单位",
        "镇",
        "乡镇名称",
        "单位名称",
        "名称",
        "乡镇街道",
        "乡镇(街道)",
        "镇街",
        "镇乡",
        "报送单位",
        "填报单位",
        "街镇",
        "乡镇(街道、林场)",
    }
)
SERIALS = frozenset({"序号", "编号", "No", "NO", "no", "#", "排序"})
REMARKS = frozenset(
    "备注 说明 原因 联系人 联络员 填报人 存在问题 问题 下步打算 联系电话 电话 手机 手机号 手机号码 联系方式 负责人 责任人 包保领导 包镇领导".split()  # noqa: SIM905
)
_NO_COUNT = re.compile("[率比]|日期|时间")
_BARE = re.compile(r"\d+(?:\.\d+)?")
SUMS = frozenset({"合计", "总计", "小计", "全市", "全县", "共计"})


@dataclass(frozen=True, kw_only=True)
class TableRow:
    """One row as words that the grammar reads; `township` None when its name is not of the campaign."""

    township: TownshipName | None
    name: str
    tokens: tuple[Token, ...]


def with_tabs(text: str) -> str:
    """The text with rows drawn by bars as rows parted by tabs."""
    lines = text.splitlines()
    bars = [line.count("|") for line in lines if "|" in line]
    if len(bars) < 2 or len(set(bars)) > 1:
        return text
    drawn = [line for line in lines if not re.fullmatch(r"[\s|:+-]+", line) or not line.strip()]
    return "\n".join(
        re.sub(r"\s*\|\s*", "\t", line.strip().strip("|").strip()) if "|" in line else line for line in drawn
    )


def is_table(lexicon: Lexicon, text: str) -> bool:
    """Whether the text holds rows with a head; a row with tabs that names its township itself is a line like any other."""
    first = next((line for line in text.splitlines() if "\t" in line), None)
    if first is None:
        return False
    return not any(cell.strip() in lexicon.townships or cell.strip() in lexicon.nicks for cell in first.split("\t"))


@dataclass(frozen=True, kw_only=True)
class _Given:
    """What stands above a table, for the columns whose heads do not say it themselves."""

    kind: str
    stage: str


def table_rows(campaign: Campaign, lexicon: Lexicon, text: str) -> tuple[str, list[TableRow]]:
    """What stands above the table, and its rows; Unclear if a column's head says nothing the campaign has a word for."""
    lines = text.splitlines()
    first = next(at for at, line in enumerate(lines) if "\t" in line)
    above = "\n".join(lines[:first])
    cells = [[cell.strip() for cell in line.split("\t")] for line in lines[first:] if line.strip()]
    head, *body = cells
    if not body:
        raise Unclear("table", "\t".join(head))
    name_at = next((at for at, name in enumerate(head) if name in UNITS or name == ""), 0)
    heading = tokens_of(lexicon, above)
    kinds = {token.text for token in heading if token.role in {"CUM", "INC"}}
    stages = {token.text for token in heading if token.role == "STAGE"}
    if len(stages) > 1:
        stages = set()
    given = _Given(kind=kinds.pop() if len(kinds) == 1 else "累计", stage=stages.pop() if stages else "")
    columns = [None if at == name_at else _column(lexicon, name, given) for at, name in enumerate(head)]
    rows: list[TableRow] = []
    sums: list[list[str]] = []
    for row in body:
        if len(row) != len(head):
            row = [*row, *[""] * (len(head) - len(row))]
        if len(row) != len(head):
            raise Unclear("table", "\t".join(row))
        for title, cell in zip(head, row, strict=True):
            # 竣工率 68 may be 68 % or, as a sheet keeps it, 0.68; it is no count of houses.
            if _NO_COUNT.search(title) and _BARE.fullmatch(cell):
                raise Unclear("table", title)
        name = row[name_at]
        if name in SUMS or any(cell in SUMS for cell in row[: name_at + 1]):
            sums.append(row)
            continue
        said = "；".join(
            f"{column}{_counted(campaign, cell)}"
            for column, cell in zip(columns, row, strict=True)
            if column is not None and cell not in {"", "-", "/", "—"}
        )
        tokens = tuple(tokens_of(lexicon, normal(said)))
        township = lexicon.townships.get(name) or lexicon.nicks.get(name)
        rows.append(TableRow(township=township, name=name, tokens=tokens))
    known = [row for row in body if row[name_at] in lexicon.townships or row[name_at] in lexicon.nicks]
    for row in sums:
        _adds_up(known, row, columns)
    return above, rows


def unread_heads(campaign: Campaign, heads: Sequence[str]) -> tuple[str, ...]:
    """Those heads of columns that the campaign has no word for, or that count nothing."""
    lexicon = lexicon_of(campaign)
    given = _Given(kind="累计", stage="")

    def unread(head: str) -> bool:
        try:
            return _column(lexicon, normal(head), given) is None or _NO_COUNT.search(head) is not None
        except Unclear:
            return True

    return tuple(head for head in heads if unread(head))


def _counted(campaign: Campaign, cell: str) -> str:
    return f"{cell}{campaign.unit}" if _BARE.fullmatch(cell) else cell


def _column(lexicon: Lexicon, name: str, given: _Given) -> str | None:
    """The words that a column's head says of its cells, None for a column without figures; any other head: ask (rules 5, 9)."""
    if name in SERIALS or name in REMARKS:
        return None
    tokens = tokens_of(lexicon, name)
    roles = {token.role for token in tokens} - {"WORD", "SPACE", "OPEN", "CLOSE", "INERT"}
    words = "".join(token.text if token.role == "WORD" else "\0" for token in tokens)
    if (
        not roles
        or not roles
        <= {"TARGET", "STAGE", "CATEGORY", "CUM", "INC", "REM", "ALREADY", "IN_PROGRESS", "AMONG", "YESTERDAY"}
        or lexicon.harmless.sub("", words).replace("\0", "")
    ):
        raise Unclear("table", name)
    plain = re.sub(r"[()（）]", "", name)
    stage = "" if roles & {"STAGE", "TARGET", "IN_PROGRESS"} else given.stage
    kind = "" if roles & {"TARGET", "CUM", "INC", "REM", "ALREADY", "IN_PROGRESS"} else given.kind
    return f"{kind}{stage}{plain}"


def _adds_up(body: Sequence[Sequence[str]], totals: Sequence[str], columns: Sequence[str | None]) -> None:
    """A 合计 row must be the sum of the rows above it, column by column; it is no figure."""
    for at, (column, cell) in enumerate(zip(columns, totals, strict=True)):
        told = number(cell) if column is not None and _BARE.fullmatch(cell) else None
        if told is None:
            continue
        values = [number(row[at]) for row in body if at < len(row) and row[at]]
        added = sum((value for value in values if value is not None), Decimal(0))
        if added != told or None in values:
            raise Unclear("sum", cell, sum=added, total=told)
