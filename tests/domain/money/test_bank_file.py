"""A bank's file is read by its description, all of it or nothing of it."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.money.amounts import Fen, plain_yuan
from bot.domain.money.bank_file import BankCell, BankFile, BankSheet, read, read_return
from bot.domain.money.bank_form import BankForm
from bot.domain.money.doubts import CaseDoubt, MoneyDoubtKind, Weight
from bot.domain.money.ledger import Result
from config.banks import known_forms, read_forms
from tests.ledger2021 import content, files

FORMS = tuple(known_forms().values())
THROUGH, FAILED = Result.THROUGH, Result.FAILED


def sheets(content: bytes) -> tuple[BankSheet, ...]:
    """The sheets of a workbook as any reader of tables gives them."""
    from python_calamine import CalamineWorkbook

    if not content.startswith(b"PK") or len(content) < 100:
        return ()
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))

    def cell(value: object) -> BankCell:
        number = isinstance(value, float)
        text = f"{value:.15g}" if number else str(value)
        return BankCell(text=text, number=number)

    return tuple(
        BankSheet(
            name=name,
            rows=tuple(
                tuple(map(cell, row))
                for row in book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            ),
        )
        for name in book.sheet_names
    )


def whole(content: bytes, forms: tuple[BankForm, ...] = FORMS) -> BankFile:
    got = read_return(forms, content, sheets(content))
    assert isinstance(got, BankFile), got
    return got


def refused(content: bytes, forms: tuple[BankForm, ...] = FORMS) -> CaseDoubt:
    got = read_return(forms, content, sheets(content))
    assert isinstance(got, CaseDoubt), got
    assert got.weight is Weight.FILE
    return got


RETURNS = files("bank_return")


@pytest.mark.parametrize("filed", RETURNS, ids=[filed["path"] for filed in RETURNS])
def test_each_return_of_the_season_is_read_by_one_form_to_the_fen(
    filed: Mapping[str, object],
) -> None:
    got = whole(content(str(filed["path"])))
    through = [row for row in got.rows if row.result is THROUGH]
    assert got.form.key == filed["format"]
    assert not got.faults
    assert len(got.rows) == filed["rows"]
    assert len(through) == filed["through"]
    assert sum(row.amount for row in through) == int(str(filed["through_yuan"])) * 100
    failed = [row for row in got.rows if row.result is FAILED]
    assert sum(row.amount for row in failed) == int(str(filed["failed_yuan"])) * 100
    assert all(row.reason for row in failed)
    assert {row.day for row in got.rows} == {date.fromisoformat(str(filed["imported_at"])[:10])}
    assert len({row.serial for row in got.rows}) == len(got.rows)


@pytest.mark.parametrize(
    ("path", "kind", "row", "column"),
    [
        ("faults/return-fixed-shifted.txt", MoneyDoubtKind.ENCODING, 31, ""),
        ("faults/return-fixed-truncated.txt", MoneyDoubtKind.LINE_TRUNCATED, 21, ""),
        ("faults/return-pipe-total.txt", MoneyDoubtKind.TOTAL_DIFFERS, 67, "T"),
    ],
)
def test_a_file_that_is_damaged_is_refused_whole_and_told_where(
    path: str, kind: MoneyDoubtKind, row: int, column: str
) -> None:
    doubt = refused(content(path))
    assert (doubt.kind, doubt.row, doubt.column) == (kind, row, column)


def form(described: str) -> BankForm:
    return read_forms(described, "tried")[0]


def lines(*texts: str, encoding: str = "gbk", end: str = "\r\n") -> bytes:
    return end.join((*texts, "")).encode(encoding)


ACCOUNT = "6228480000000000012"


def test_an_icbc_workbook_says_its_result_in_words_and_has_neither_day_nor_serial() -> None:
    heads = (
        "姓名(不超过60个字节)",
        "卡号",
        "应处理金额(必须小于1亿)",
        "备注(不超过12个字节)",
        "实处理金额",
        "处理标志",
    )
    rows = [
        heads,
        ("甲一", ACCOUNT, "2000.00", "补助", "2000.00", "全部成功"),
        ("乙二", ACCOUNT[:-1] + "3", "2,000.00", "", "0.00", "户名不符"),
        ("丙三", ACCOUNT[:-1] + "4", "2000.00", "", "0.00", "主机返回8"),
    ]
    book = BankSheet(
        name="Sheet1", rows=tuple(tuple(BankCell(text=text) for text in row) for row in rows)
    )
    got = read(known_forms()["icbc-sheet"], b"", (book,))
    assert isinstance(got, BankFile)
    assert [row.result for row in got.rows] == [THROUGH, FAILED, None]
    assert [row.amount for row in got.rows] == [200_000] * 3
    assert {row.day for row in got.rows} == {None}


def test_an_icbc_workbook_whose_word_and_amount_disagree_is_neither_success_nor_failure() -> None:
    heads = ("姓名", "卡号", "应处理金额", "备注", "实处理金额", "处理标志")
    rows = [
        heads,
        ("甲一", ACCOUNT, "2000", "", "1999.99", "全部成功"),
        ("乙二", ACCOUNT, "2000", "", "2000", "失败"),
    ]
    book = BankSheet(
        name="1", rows=tuple(tuple(BankCell(text=text) for text in row) for row in rows)
    )
    got = read(known_forms()["icbc-sheet"], b"", (book,))
    assert isinstance(got, BankFile)
    assert [(row.result, row.amount) for row in got.rows] == [(THROUGH, 199_999), (None, 200_000)]


def test_an_icbc_text_has_names_with_blanks_amounts_in_fen_and_the_result_before_the_remark() -> (
    None
):
    got = whole(
        lines(
            f"F 000001 0200 {ACCOUNT} 甲 一 0 200000 0000 1234 001补助",
            f"F 000002 0200 {ACCOUNT[:-1]}3 乙二 0 200000 0000 1234 002补助",
            "F 2 400000",
        ),
        (known_forms()["icbc-text"],),
    )
    assert [(row.name, row.amount, row.result) for row in got.rows] == [
        ("甲一", 200_000, THROUGH),
        ("乙二", 200_000, FAILED),
    ]


BOX = (
    "              农房补助代发成功清单  单位:住建局 日期:20211025",
    "┍━━━━┯━━━━┯━━━━━┯━━━━┯━━━━┯━━━┑",
    "│代理编号│客户姓名│交易金额  │证件号码│账号    │处理结果│",
    "┝━━━━┿━━━━┿━━━━━┿━━━━┿━━━━┿━━━┥",
    f"│0001    │甲一    │   2000.00│        │{ACCOUNT}│成功│",
    f"│0002    │乙二    │   2000.00│        │{ACCOUNT[:-1]}3│成功│",
    "┝━━━━┿━━━━┿━━━━━┿━━━━┿━━━━┿━━━┥",
    "│合计    │2笔     │   4000.00│        │        │        │",
    "┕━━━━┷━━━━┷━━━━━┷━━━━┷━━━━┷━━━┙",
)


def test_a_city_bank_draws_a_table_of_what_went_through_and_another_of_what_did_not() -> None:
    got = whole(lines(*BOX, encoding="gb18030"))
    assert [(row.name, row.amount, row.result) for row in got.rows] == [
        ("甲一", 200_000, THROUGH),
        ("乙二", 200_000, THROUGH),
    ]
    assert got.form.part
    told = (
        "│代理编号│客户姓名│账号│金额│次数│处理结果│",
        f"│0003│丙三│{ACCOUNT[:-1]}4│2000.00│1│户名不符,原户名为[丁四]│",
        "│合计│1笔││2000.00││ │",
    )
    (row,) = whole(lines(*told, encoding="gb18030")).rows
    assert (row.result, row.reason) == (FAILED, "户名不符,原户名为[丁四]")


@pytest.mark.parametrize(("old", "new"), [("4000.00", "4000.01"), ("2笔", "3笔")])
def test_a_sum_in_a_drawn_table_that_does_not_hold_refuses_the_file(old: str, new: str) -> None:
    told = [text.replace(old, new) if "合计" in text else text for text in BOX]
    assert refused(lines(*told, encoding="gb18030")).kind is MoneyDoubtKind.TOTAL_DIFFERS


SUMMARY_FIRST = """
shape = "delimited"
separator = "|"
encoding = "gb18030"
record = { first = 1, count = 6 }
columns = { line = 0, name = 1, amount = 2, account = 3, day = 4, code = 5 }
sums = { head = { lines = 1, amount = 2 } }
day = "%Y%m%d"
through = ["成功"]
failed = { "户名不符*" = "" }
"""


def test_a_summary_may_come_first_without_a_mark_and_a_line_carry_our_own_number() -> None:
    told = (
        "20211025|2|4000.00",
        f"0000007|甲一|2000.00|{ACCOUNT}|20211025|成功",
        f"8|乙二|2000.00|{ACCOUNT}|20211025|户名不符,应为某某",
    )
    got = whole(lines(*told), (form(SUMMARY_FIRST),))
    assert [(row.own, row.result) for row in got.rows] == [(7, THROUGH), (8, FAILED)]
    short = refused(lines(told[0], told[1]), (form(SUMMARY_FIRST),))
    assert (short.kind, short.row) == (MoneyDoubtKind.TOTAL_DIFFERS, 1)
    torn = refused(lines(*told[:2], "8|乙二|2000.00"), (form(SUMMARY_FIRST),))
    assert (torn.kind, torn.row) == (MoneyDoubtKind.LINE_UNREAD, 3)


PLAIN = (
    'shape = "delimited"\nseparator = ","\nencoding = {encoding}\nrecord = {{ count = 4 }}\n'
    'columns = {{ account = 0, name = 1, amount = 2, code = 3 }}\nthrough = ["1"]\nfailed = {{ "0" = "未成功" }}\n'
)


@pytest.mark.parametrize("encoding", ["gbk", "gb18030", "utf-8", "utf-8-sig"])
def test_an_encoding_is_one_of_those_the_form_names(encoding: str) -> None:
    told = lines(f"{ACCOUNT},甲一,2000.00,1", encoding=encoding)
    for named in ("gbk", "gb18030", "utf-8"):
        got = read(form(PLAIN.format(encoding=f'["{named}"]')), told)
        fits = encoding.startswith(named) or {encoding, named} == {"gbk", "gb18030"}
        assert isinstance(got, BankFile) is fits
    assert (
        whole(told, (form(PLAIN.format(encoding='["utf-8", "gb18030"]')),)).rows[0].name == "甲一"
    )


def test_a_name_of_rare_signs_needs_the_wider_encoding() -> None:
    told = lines(f"{ACCOUNT},䶮𬊈,2000.00,1", encoding="gb18030")
    assert refused(told, (form(PLAIN.format(encoding='["gbk"]')),)).kind is MoneyDoubtKind.ENCODING
    assert whole(told, (form(PLAIN.format(encoding='["gbk", "gb18030"]')),)).rows[0].name == "䶮𬊈"


def test_two_forms_that_read_a_file_differently_leave_the_choice_to_a_person() -> None:
    one, other = (
        form(PLAIN.format(encoding='["gbk"]')),
        form(PLAIN.format(encoding='["gbk"]').replace('["1"]', '["1", "2"]')),
    )
    assert (
        refused(lines(f"{ACCOUNT},甲,1,1", f"{ACCOUNT},乙,1,2"), (one, other)).kind
        is MoneyDoubtKind.FORM_SEVERAL
    )
    assert whole(lines(f"{ACCOUNT},甲,1,1"), (one, other)).rows


def test_heads_above_columns_that_are_known_by_their_places_are_no_line() -> None:
    (row,) = whole(
        lines("账号,户名,金额,结果", f"{ACCOUNT},甲,1,1,"),
        (form(PLAIN.format(encoding='["gbk"]')),),
    ).rows
    assert row.row == 2


def test_a_sheet_may_be_read_by_its_places_too() -> None:
    by_place = form(
        'shape = "sheet"\nrecord = { skip = 1, count = 4 }\ncolumns = { account = 0, amount = 1, code = 2, reason = 3 }\n'
        'through = ["好"]\nfailed = { "坏" = "" }\n'
    )
    rows = [
        ["代发结果"],
        [ACCOUNT, "2000", "好"],
        [ACCOUNT[:-1] + "3", "2000", "坏", "已销户"],
        ["合计", "4000"],
    ]
    book = BankSheet(
        name="1", rows=tuple(tuple(BankCell(text=text) for text in row) for row in rows)
    )
    got = read(by_place, b"", (book,))
    assert isinstance(got, BankFile)
    assert [(row.row, row.result, row.reason) for row in got.rows] == [
        (2, THROUGH, ""),
        (3, FAILED, "已销户"),
    ]


def test_of_two_forms_that_read_the_same_lines_the_one_that_says_more_is_taken() -> None:
    told = f"{ACCOUNT},甲,1,1"
    more = form(PLAIN.format(encoding='["gbk"]').replace("code = 3", "code = 3, serial = 0"))
    less = form(PLAIN.format(encoding='["gbk"]'))
    for forms in ((more, less), (less, more)):
        assert whole(lines(told), forms).form.columns == more.columns


def test_a_laxer_form_does_not_hide_that_sums_do_not_hold() -> None:
    lax = form(PLAIN.format(encoding='["gbk"]').replace("count = 4", "count = 4, last = 1"))
    strict = form(
        PLAIN.format(encoding='["gbk"]').replace("count = 4", "count = 4, last = 1")
        + "sums = { tail = { lines = 1, amount = 2 } }\n"
    )
    told = lines(f"{ACCOUNT},甲,1,1", "T,1,1.01")
    assert refused(told, (lax, strict)).kind is MoneyDoubtKind.TOTAL_DIFFERS
    assert whole(lines(f"{ACCOUNT},甲,1,1", "T,1,1.00"), (lax, strict)).rows


def test_a_file_that_ends_before_its_last_line_is_refused() -> None:
    told = content("in/returns/回盘_第一批.txt").splitlines(keepends=True)
    assert refused(b"".join(told[:-1])).kind is MoneyDoubtKind.LINE_TRUNCATED
    assert refused(b"".join(told[:-2] + told[-1:])).kind is MoneyDoubtKind.TOTAL_DIFFERS


@pytest.mark.parametrize(
    "bad",
    [b"", b"\n\n", b"\x00" * 50, b"PK\x03\x04", "第一批回盘".encode(), b"\xff" * 40, b"H|\nT|"],
)
def test_what_is_no_return_is_refused_and_never_raises(bad: bytes) -> None:
    assert refused(bad).kind in {
        MoneyDoubtKind.FORM_UNKNOWN,
        MoneyDoubtKind.ENCODING,
        MoneyDoubtKind.LINE_TRUNCATED,
        MoneyDoubtKind.LINE_UNREAD,
    }


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(bad: bytes) -> None:
    for one in FORMS:
        read(one, bad)


@given(st.integers(0, 64), st.sampled_from(["0", "1", "9", "X"]))
def test_one_sign_changed_in_a_sum_or_an_amount_never_passes(at: int, sign: str) -> None:
    """A planted fen: any change to an amount or a sum of a file that sums itself up stops the
    file.
    """
    told = content("in/returns/回盘_第一批.txt").decode("gbk").split("\r\n")
    parts = told[at].split("|")
    place = 4
    changed = parts[place][:-1] + sign
    if changed == parts[place]:
        return
    parts[place] = changed
    told[at] = "|".join(parts)
    got = read_return(FORMS, "\r\n".join(told).encode("gbk"), ())
    assert isinstance(got, CaseDoubt)


AMOUNTS = st.lists(st.integers(1, 10**9).map(Fen), min_size=1, max_size=20)


@given(AMOUNTS, st.data())
def test_what_a_form_describes_is_read_back_to_the_fen(
    amounts: list[Fen], data: st.DataObject
) -> None:
    results = [data.draw(st.sampled_from((THROUGH, FAILED))) for _ in amounts]
    if not any(result is THROUGH for result in results):
        results[0] = THROUGH
    body = [
        f"D|{at:06}|{ACCOUNT}|甲|{plain_yuan(amount)}|20211025|{'0000' if result is THROUGH else '1001'}||{at}"
        for at, (amount, result) in enumerate(zip(amounts, results, strict=True), 1)
    ]
    sums = {
        side: (
            sum(1 for one in results if one is side),
            Fen(sum(a for a, one in zip(amounts, results, strict=True) if one is side)),
        )
        for side in (THROUGH, FAILED)
    }
    told = lines(
        f"H|X|20211025|{len(amounts)}|{plain_yuan(Fen(sum(amounts)))}",
        *body,
        f"T|{sums[THROUGH][0]}|{plain_yuan(sums[THROUGH][1])}|{sums[FAILED][0]}|{plain_yuan(sums[FAILED][1])}",
    )
    assert [(row.amount, row.result) for row in whole(told).rows] == list(
        zip(amounts, results, strict=True)
    )
