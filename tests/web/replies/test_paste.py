"""The clerk's pages for what was said elsewhere: shown row by row before anything is kept, then
taken in.
"""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

from bot.store.replies import replies
from tests.sheets.books import FILES, csv_of, xlsx_of
from tests.web.conftest import SEASON, Browser, Office

PASTE, IMPORT = f"/c/{SEASON}/paste", f"/c/{SEASON}/import"
CHAT = """累计3户

稻溪镇-谢  09:12
累计开工25户，累计竣工14户

兰皋镇-邱  09:13
基本完成

石磬镇-邱  09:14
昨日竣工3户

<b>王五</b>  09:15
<script>alert(1)</script>石磬镇累计竣工8户

office  09:16
收到
"""
TABLE = csv_of(
    ["乡镇", "开工", "竣工", "竣工率"],
    ["稻溪镇", "25", "14", "56%"],
    ["石磬镇", "25", "26", ""],
    ["<img src=x>", "1", "1", ""],
    ["合计", "51", "41", ""],
)


def kept(office: Office) -> list[str]:
    with office.app.store.reading() as session:
        return [reply.text for reply in replies.replies(session, office.enrolled.campaign.key)]


def hidden(page: str, form: str) -> dict[str, str]:
    """The fields of the form that posts there, as the browser would send them on."""
    found = re.search(rf'<form method="post" action="{form}".*?</form>', page, re.S)
    assert found is not None, page
    fields = {
        name: html.unescape(value)
        for name, value in re.findall(r'name="([^"]*)" value="([^"]*)"', found[0])
    }
    rows = re.search(r'<textarea name="rows" hidden>\n(.*?)</textarea>', found[0], re.S)
    return fields if rows is None else {**fields, "rows": html.unescape(rows[1])}


def pasted(clerk: Browser, **fields: str) -> Any:
    return clerk.post(
        f"{PASTE}/preview", {"text": CHAT, "date": "2021-10-29", "members": "<b>王五</b>", **fields}
    )


def test_a_paste_is_shown_row_by_row_before_anything_is_kept(office: Office) -> None:
    page = pasted(office.browser("clerk")).text
    assert kept(office) == []
    for words in ("还没有收入", "记数", "须追问", "待人工确认", "不是报送", "上面没有写是谁说的。"):
        assert words in page
    assert "稻溪镇 开工25户；稻溪镇 竣工14户" in page
    assert "<script>alert" not in page
    assert "<b>王五" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_what_was_shown_is_taken_in_once(office: Office) -> None:
    clerk = office.browser("clerk")
    fields = hidden(pasted(clerk).text, f"{PASTE}/take")
    told = clerk.told(clerk.post(f"{PASTE}/take", fields))
    assert "已处理：记数1条，须追问1条，待人工确认2条，不是报送1条，不收1处。" in told
    assert len(kept(office)) == 5
    told = clerk.told(clerk.post(f"{PASTE}/take", fields))
    assert "此前已收5条" in told
    assert len(kept(office)) == 5


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"text": ""}, "还没有粘贴内容"),
        ({"text": "你好"}, "没有找到名单里的人发的消息"),
        ({"date": ""}, "请在下面填上复制聊天记录的日期"),
        ({"text": "稻溪镇-谢：\n累计17户", "date": ""}, "粘贴的内容里没有时间"),
        ({"date": "昨天"}, "日期或时间填得不对"),
        ({"time": "25:00"}, "日期或时间填得不对"),
        (
            {
                "text": "\n\n".join(
                    f"稻溪镇-谢 09:{n // 60:02}:{n % 60:02}\n收到{n}" for n in range(130)
                )
            },
            "一次最多收入120条",
        ),
    ],
)
def test_what_cannot_be_split_is_told_and_stays_in_the_form(
    office: Office, fields: dict[str, str], told: str
) -> None:
    answer = pasted(office.browser("clerk"), **fields)
    assert answer.status_code == 422
    assert told in answer.text
    if fields.get("text"):
        assert html.escape(fields["text"][:20]) in answer.text
    assert kept(office) == []


def uploads(clerk: Browser, content: bytes = TABLE, name: str = "进度.csv") -> Any:
    return clerk.post(f"{IMPORT}/preview", files={"file": (name, content)})


def test_a_table_is_shown_row_by_row_before_anything_is_kept(office: Office) -> None:
    page = uploads(office.browser("clerk")).text
    assert kept(office) == []
    for words in (
        "还没有收入",
        "读取的列：开工、竣工；不读的列：竣工率",
        "超出任务数",
        "名单里没有“&lt;img src=x&gt;”",
    ):
        assert words in page
    assert "<img src=x" not in page


def test_the_rows_that_were_shown_are_taken_in_once(office: Office) -> None:
    clerk = office.browser("clerk")
    fields = hidden(uploads(clerk).text, f"{IMPORT}/take")
    told = clerk.told(clerk.post(f"{IMPORT}/take", fields))
    assert "已处理：记数1条，须追问1条，不收1处。" in told
    assert kept(office) == ["乡镇\t开工\t竣工\n稻溪镇\t25\t14", "乡镇\t开工\t竣工\n石磬镇\t25\t26"]
    told = clerk.told(clerk.post(f"{IMPORT}/take", fields))
    assert "此前已收2条" in told
    assert len(kept(office)) == 2


def test_a_workbook_is_taken_in_as_it_was_shown(office: Office) -> None:
    clerk = office.browser("clerk")
    book = xlsx_of(
        ["各乡镇进度"], ["乡镇", "开工", "竣工", "备注"], ["稻溪镇", 25, 14, "说明，\n两行"]
    )
    fields = hidden(uploads(clerk, book, "进度.xlsx").text, f"{IMPORT}/take")
    assert "记数1条" in clerk.told(clerk.post(f"{IMPORT}/take", fields))


@pytest.mark.parametrize(
    ("content", "name", "told"),
    [
        (b"%PDF", "a.pdf", "这不是能读取的表格文件"),
        (csv_of(["姓名", "竣工"], ["甲", "1"]), "a.csv", "表头这一行要有“乡镇”"),
        (
            csv_of(["乡镇", "<b>走访"], ["甲", "1"]),
            "a.csv",
            "没有看懂哪一列是要记的数（除乡镇外有：&lt;b&gt;走访）",
        ),
        (csv_of(["乡镇", "竣工"], ["稻溪镇", "1"], ["合计", "2"]), "a.csv", "各行相加是1"),
        (csv_of(["乡镇", "竣工"], ["稻溪镇", "1", "x" * 4_000_000]), "a.csv", "认不出文件里的文字"),
        (b"x" * 5_500_000, "a.csv", "超过5MB"),
    ],
)
def test_what_is_no_table_is_told_with_what_to_do(
    office: Office, content: bytes, name: str, told: str
) -> None:
    answer = uploads(office.browser("clerk"), content, name)
    assert answer.status_code in (422, 413)
    assert told in answer.text
    assert kept(office) == []


def test_a_form_without_a_file_and_rows_that_are_none_are_told(office: Office) -> None:
    clerk = office.browser("clerk")
    assert "请先选择文件" in clerk.post(f"{IMPORT}/preview").text
    assert "打不开这个表格" in clerk.told(clerk.post(f"{IMPORT}/take", {"rows": "x"}))


def test_of_several_sheets_one_is_chosen_and_read_as_it_was_shown(office: Office) -> None:
    clerk = office.browser("clerk")
    asked = uploads(clerk, (FILES / "import" / "two_sheets.xlsx").read_bytes(), "两张.xlsx")
    assert asked.status_code == 422
    assert "有几张工作表都有这样的表：十月、十一月" in asked.text
    fields = hidden(asked.text, f"{IMPORT}/preview")
    shown = clerk.post(f"{IMPORT}/preview", {**fields, "sheet": "十一月"}).text
    assert "工作表“<bdi>十一月</bdi>”" in shown
    assert "记数1条" in clerk.told(clerk.post(f"{IMPORT}/take", hidden(shown, f"{IMPORT}/take")))
    assert kept(office) == ["乡镇\t开工\t竣工\n稻溪镇\t25\t18"]


def test_what_was_read_and_passed_over_is_said(office: Office) -> None:
    page = uploads(
        office.browser("clerk"), (FILES / "import" / "i16_hidden.xlsx").read_bytes(), "a.xlsx"
    ).text
    assert "隐藏的行也读了：第3行。" in page
    assert "隐藏的列，没有读：C 竣工旧。" in page


STRANGERS = "稻溪镇-谢小红 09:12\n累计开工25户，累计竣工14户\n兰皋邱主任 09:20\n累计开工19户，累计竣工19户\n"


def test_who_is_in_no_list_is_shown_and_offered_to_be_tied(office: Office) -> None:
    clerk = office.browser("clerk")
    page = pasted(clerk, text=STRANGERS, members="").text
    assert "不收" not in page
    assert "名单里没有的2人" in page
    offered = re.search(r'<select name="tie:稻溪镇-谢小红">.*?</select>', page, re.S)
    assert offered is not None
    assert re.findall(r'<option value="([^"]*)"', offered[0])[:2] == ["", "稻溪镇-谢"]
    assert "selected" not in offered[0]
    fields = hidden(page, f"{PASTE}/preview")
    again = clerk.post(
        f"{PASTE}/preview", {**fields, "tie:稻溪镇-谢小红": "稻溪镇-谢", "tie:兰皋邱主任": "nobody"}
    ).text
    assert "稻溪镇 开工25户；稻溪镇 竣工14户" in again
    told = clerk.told(clerk.post(f"{PASTE}/take", hidden(again, f"{PASTE}/take")))
    assert "记数1条" in told
    with office.app.store.reading() as session:
        senders = [reply.sender for reply in replies.replies(session, office.enrolled.campaign.key)]
    assert senders == ["稻溪镇-谢", "兰皋邱主任"]
    assert "粘贴聊天记录，认定“稻溪镇-谢小红”是稻溪镇-谢" in clerk.get(f"/c/{SEASON}/log").text
