"""Rows pasted from a sheet: the head names what each column is, and a 合计 row is checked against
its rows (rule 9).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from bot.domain.campaigns.campaign import Campaign, TownshipName
from bot.domain.replies.reading.lexicon import Lexicon, lexicon_of
from bot.domain.replies.reading.model import ReadingWording, Unclear
from bot.domain.replies.reading.normal import normal
from bot.domain.replies.reading.numerals import number
from bot.domain.replies.reading.roles import Token, TokenRole

UNITS = frozenset(
    "乡镇 单位 镇 乡镇名称 单位名称 名称 乡镇街道 乡镇(街道) 镇街 镇乡 报送单位 填报单位 街镇 乡镇(街道、林场) 各乡镇 乡(镇) 镇(乡) "  # noqa: SIM905
    "镇(街道) 镇(街) 乡(镇、街道) 乡镇(场) 乡镇场 镇办 镇(办) 责任单位 责任乡镇 所属乡镇 乡镇(街道)名称 地区 属地 街道 辖区".split()
)
_OF_TOWNSHIPS = re.compile(
    r"(?:各|所属|所在|责任|报送|填报|上报)?(?:乡|镇|街道?|林?场|农场|办事处|办|园区|单位|名称|[/、()·]){2,9}"
)
SERIALS = frozenset({"序号", "编号", "No", "NO", "no", "#", "排序", "No."})
REMARKS = frozenset(
    "备注 说明 原因 联系人 联络员 填报人 存在问题 问题 下步打算 联系电话 电话 手机 手机号 手机号码 联系方式 负责人 责任人 包保领导 包镇领导 责任领导 分管领导".split()  # noqa: SIM905
)
DATES = frozenset({"日期", "报送日期", "填报日期", "数据日期", "时间"})
_NO_COUNT = re.compile("[率比]|日期|时间")
_IN_HUNDREDS = re.compile(r"\((?:%|百分比)\)|%")
_OF_A_UNIT = re.compile(r"\(([^()]{1,6})\)")
_BARE = re.compile(r"\d{1,20}(?:\.\d{1,9})?")
_RULE = re.compile(r"[\s|:+-]*")
SUMS = frozenset({"合计", "总计", "小计", "全市", "全县", "全区", "共计"})
NOTHING = frozenset({"", "-", "/", "—", "--", "无"})
OF_A_HEAD = frozenset(
    {TokenRole.TARGET, TokenRole.STAGE, TokenRole.CATEGORY, TokenRole.CUM, TokenRole.INC, TokenRole.REM, TokenRole.ALREADY, TokenRole.IN_PROGRESS, TokenRole.AMONG, TokenRole.YESTERDAY, TokenRole.DONE}
)  # fmt: skip
SAYS_NOTHING = frozenset(
    {
        TokenRole.WORD,
        TokenRole.SPACE,
        TokenRole.OPEN,
        TokenRole.CLOSE,
        TokenRole.PLAIN,
        TokenRole.ACT,
        TokenRole.NOUN,
        TokenRole.OF_THE_WORK,
    }
)
SEPARATORS = (re.compile(r"\s*,\s*"), re.compile(r"[ \t]+"))
LONGEST_LINE = 400


@dataclass(frozen=True, kw_only=True)
class ReadRow:
    """One row as words that the grammar reads; `township` None when its name is not of the
    campaign, or the table has no names.
    """

    township: TownshipName | None
    name: str
    tokens: tuple[Token, ...]
    named: bool = True


def with_tabs(lexicon: Lexicon, text: str) -> str:
    """The text with the rows of a table, parted by bars, commas or blanks, as rows parted by
    tabs.
    """
    if "\n" not in text or "\t" in text:
        return text
    lines = text.split("\n")
    bars = [line.count("|") for line in lines if "|" in line]
    if len(bars) > 1 and len(set(bars)) == 1:
        drawn = [line for line in lines if not _RULE.fullmatch(line) or not line.strip()]
        return "\n".join(
            "\t".join(cell.strip() for cell in line.strip().strip("|").split("|"))
            if "|" in line
            else line
            for line in drawn
        )
    for separator in SEPARATORS:
        for at, line in enumerate(lines[:-1]):
            cells = _cells(separator, line)
            if (
                len(cells) > 1
                and not any(character.isdigit() for character in line)
                and _is_head(lexicon, cells)
            ):
                return "\n".join(_parted(separator, lines, at, len(cells)))
    return text


def _cells(separator: re.Pattern[str], line: str) -> list[str]:
    return separator.split(line.strip()) if 0 < len(line) <= LONGEST_LINE else []


def _is_head(lexicon: Lexicon, cells: Sequence[str]) -> bool:
    """Whether every cell of the line names a column, and one of them figures."""
    figures = 0
    for cell in cells:
        if _names_townships(cell) or cell in SERIALS | REMARKS | DATES:
            continue
        try:
            figures += _column(lexicon, cell, _Given(kind="", stage="")) is not None
        except Unclear:
            return False
    return figures > 0


def _names_townships(head: str) -> bool:
    """Whether the head of a column says that townships stand under it: 乡镇, 街道/镇,
    镇(街道、林场).
    """
    return head in UNITS or _OF_TOWNSHIPS.fullmatch(head) is not None


def _parted(separator: re.Pattern[str], lines: Sequence[str], head: int, width: int) -> list[str]:
    """The lines with those under the head, as long as they are rows of it, parted by tabs."""
    told = list(lines[:head])
    for at, line in enumerate(lines[head:], head):
        cells = _cells(separator, line)
        if at > head and (len(cells) != width or not any(_BARE.match(cell) for cell in cells)):
            told += ["", *lines[at:]] if line.strip() else lines[at:]
            break
        told.append("\t".join(cells))
    return told


def is_table(lexicon: Lexicon, text: str) -> bool:
    """Whether the text holds rows with a head; a row with tabs that names its township itself is a
    line like any other.
    """
    if "\t" not in text:
        return False
    first = next(line for line in text.split("\n") if "\t" in line)
    return not any(
        cell.strip() in lexicon.townships or cell.strip() in lexicon.nicks
        for cell in first.split("\t")
    )


@dataclass(frozen=True, kw_only=True)
class _Given:
    """What stands above a table, for the columns whose heads do not say it themselves."""

    kind: str
    stage: str


def table_rows(campaign: Campaign, lexicon: Lexicon, text: str) -> tuple[str, list[ReadRow]]:
    """What stands above the table, and its rows; Unclear if a column's head says nothing the
    campaign has a word for.
    """
    lines = text.split("\n")
    first = next(at for at, line in enumerate(lines) if "\t" in line)
    above = "\n".join(lines[:first])
    cells = [[cell.strip() for cell in line.split("\t")] for line in lines[first:] if "\t" in line]
    head, *body = cells
    if not body:
        raise Unclear("table", "\t".join(head))
    given = _given(lexicon, above)
    name_at = next(
        (at for at, name in enumerate(head) if _names_townships(name) or name == ""), None
    )
    columns = [
        None if at == name_at else _column(lexicon, name, given) for at, name in enumerate(head)
    ]
    if name_at is None and columns[0] is None:
        raise Unclear("table", head[0])
    rows: list[ReadRow] = []
    sums: list[list[str]] = []
    for row in body:
        row = [*row, *[""] * (len(head) - len(row))]
        if len(row) != len(head):
            raise Unclear("table", "\t".join(row))
        row = [_in_hundreds(title, cell) for title, cell in zip(head, row, strict=True)]
        for title, cell in zip(head, row, strict=True):
            # 竣工率 68 may be 68 % or, as a sheet keeps it, 0.68; it is no count of houses.
            if _NO_COUNT.search(title) and _BARE.fullmatch(cell):
                raise Unclear("table", title)
        if any(cell in SUMS for cell in row[: (name_at or 0) + 1]):
            sums.append(row)
            continue
        rows.append(_row(campaign, lexicon, head, columns, row, name_at))
    if name_at is not None:
        known = [
            row
            for row in body
            if row[name_at] in lexicon.townships or row[name_at] in lexicon.nicks
        ]
        for row in sums:
            _adds_up(known, row, columns)
    return above, rows


def _given(lexicon: Lexicon, above: str) -> _Given:
    heading = lexicon.tokens(above)
    kinds = {token.text for token in heading if token.role in {TokenRole.CUM, TokenRole.INC}}
    stages = {token.text for token in heading if token.role is TokenRole.STAGE}
    if len(stages) > 1:
        stages = set()
    return _Given(
        kind=kinds.pop() if len(kinds) == 1 else "累计", stage=stages.pop() if stages else ""
    )


def _row(
    campaign: Campaign,
    lexicon: Lexicon,
    head: Sequence[str],
    columns: Sequence[str | None],
    row: Sequence[str],
    name_at: int | None,
) -> ReadRow:
    said = "；".join(
        f"{column}{_counted(campaign, cell)}"
        for column, cell in zip(columns, row, strict=True)
        if column is not None and cell not in NOTHING
    )
    days = [
        Token(TokenRole.DATE, cell)
        for title, cell in zip(head, row, strict=True)
        if title in DATES and re.search(r"\d", cell) and ":" not in cell
    ]
    parted = [Token(TokenRole.COMMA, ";")] if days else []
    name = "" if name_at is None else row[name_at]
    return ReadRow(
        township=lexicon.townships.get(name) or lexicon.nicks.get(name),
        name=name,
        tokens=(*days, *parted, *lexicon.tokens(normal(said))),
        named=name_at is not None,
    )


def unread_heads(
    campaign: Campaign, wording: ReadingWording, heads: Sequence[str]
) -> tuple[str, ...]:
    """Those heads of columns that the campaign has no word for, or that count nothing."""
    lexicon = lexicon_of(campaign, wording.vocabulary)
    given = _Given(kind="累计", stage="")

    def unread(head: str) -> bool:
        try:
            return (
                _column(lexicon, normal(head), given) is None or _NO_COUNT.search(head) is not None
            )
        except Unclear:
            return True

    return tuple(head for head in heads if unread(head))


def head_words(campaign: Campaign, wording: ReadingWording, head: str) -> str | None:
    """The words of a head as the grammar reads them before a number; None where the campaign has no
    word for it.
    """
    if unread_heads(campaign, wording, [head]):
        return None
    return _column(
        lexicon_of(campaign, wording.vocabulary), normal(head), _Given(kind="累计", stage="")
    )


def _counted(campaign: Campaign, cell: str) -> str:
    return f"{cell}{campaign.unit}" if _BARE.fullmatch(cell) else cell


def _in_hundreds(title: str, cell: str) -> str:
    return f"{cell}%" if _IN_HUNDREDS.search(title) and _BARE.fullmatch(cell) else cell


def _column(lexicon: Lexicon, name: str, given: _Given) -> str | None:
    """The words that a column's head says of its cells, None for a column without figures; any
    other head: ask (rules 5, 9).
    """
    if name in SERIALS or name in REMARKS or name in DATES:
        return None
    plain = _IN_HUNDREDS.sub("", name)
    for unit in _OF_A_UNIT.findall(plain):
        if unit not in lexicon.units:
            if unit in lexicon.other_units:
                return None  # 投资(万元) counts something else
            continue
        plain = plain.replace(f"({unit})", "")
    # some words play their part only before a number: 应复工
    tokens = lexicon.tokens(f"{plain}:0")[:-1]
    roles = {token.role for token in tokens} - SAYS_NOTHING
    if not roles or not roles <= OF_A_HEAD or any(token.role is TokenRole.WORD for token in tokens):
        raise Unclear("table", name)
    plain = re.sub(r"[()（）]", "", plain)
    stage = (
        ""
        if roles & {TokenRole.STAGE, TokenRole.DONE, TokenRole.TARGET, TokenRole.IN_PROGRESS}
        else given.stage
    )
    marked = {
        TokenRole.TARGET,
        TokenRole.CUM,
        TokenRole.INC,
        TokenRole.REM,
        TokenRole.ALREADY,
        TokenRole.IN_PROGRESS,
        TokenRole.YESTERDAY,
    }
    kind = "" if roles & marked else given.kind
    return f"{kind}{stage}{plain}"


def _adds_up(
    body: Sequence[Sequence[str]], totals: Sequence[str], columns: Sequence[str | None]
) -> None:
    """A 合计 row must be the sum of the rows above it, column by column; it is no figure."""
    for at, (column, cell) in enumerate(zip(columns, totals, strict=True)):
        told = number(cell) if column is not None and _BARE.fullmatch(cell) else None
        if told is None:
            continue
        values = [number(row[at]) for row in body if at < len(row) and row[at]]
        added = sum((value for value in values if value is not None), Decimal(0))
        if added != told or None in values:
            raise Unclear("sum", cell, sum=added, total=told)
