"""Pages: never over the limit, nothing lost, order kept, the head over every page."""

from __future__ import annotations

import json
import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.channel import Channel, Message, RenderedPage
from bot.channels.dingtalk.push import DingTalk
from bot.channels.feishu.push import Feishu, as_text
from bot.channels.http import Http, encoded
from bot.channels.paging import Piece, heading, json_bytes, paginate, text_of, utf8_bytes
from bot.channels.sanitize import sanitize, sanitize_line
from bot.channels.wecom.push import WeCom
from bot.domain.notices.notice import Mention, Table

HTTP = Http()
ROBOTS: list[Channel] = [WeCom(HTTP), DingTalk(HTTP), Feishu(HTTP)]
PLATFORMS = [robot.platform for robot in ROBOTS]

words = st.text(
    st.one_of(
        st.sampled_from('县镇乡村危房改造开工竣工12345 \n"\\👍🏽👨‍👩‍👧e\u0301|<@>*'),
        st.characters(),
    ),
    max_size=60,
)
long_words = st.builds(lambda text, times: text * times, words, st.integers(1, 300))
names = st.text("张李王欧阳\U00020000a·", min_size=1, max_size=40)
tables = st.builds(
    lambda width, rows: Table(
        head=tuple(f"列{at}" for at in range(width)),
        rows=tuple(tuple((row * width)[:width]) for row in rows),
        notes=("注：未报的沿用前值",),
    ),
    st.integers(1, 6),
    st.lists(st.lists(words, min_size=1, max_size=6), max_size=60),
)
messages = st.builds(
    Message,
    title=st.one_of(words, long_words),
    text=st.lists(st.one_of(words, long_words), max_size=12).map("\n".join),
    table=st.none() | tables,
    mentions=st.lists(
        st.builds(
            Mention,
            name=names,
            phone=st.none() | st.integers(10**10, 2 * 10**10 - 1).map(str),
            user_id=st.none() | st.text("abcou_19", min_size=1, max_size=40),
        ),
        max_size=60,
    ).map(tuple),
    marks=st.sampled_from([(), ("补发",), ("补发", "重发")]),
)


def words_of(page: RenderedPage) -> str:
    """What of the body is read: the title line and all under it."""
    body = page.body
    if body.get("msg_type") == "interactive":
        lines = [body["card"]["header"]["title"]["content"]]
        for element in body["card"]["body"]["elements"]:
            if element["tag"] == "markdown":
                lines.append(element["content"])
            else:
                lines.append("｜".join(column["display_name"] for column in element["columns"]))
                lines += ["｜".join(row.values()) for row in element["rows"]]
        return "\n".join(lines)
    part = body[body["msgtype"]]
    return str(
        part["text"] if body["msgtype"] == "markdown" and "text" in part else part["content"]
    )


def bare(text: str) -> str:
    """Only what carries meaning: no blanks, no table marks."""
    return re.sub(r"[\s|｜]|---", "", text)


@settings(deadline=None, max_examples=60)
@given(messages)
def test_no_page_is_ever_over_the_limit_of_its_platform(message: Message) -> None:
    for robot in ROBOTS:
        pages = robot.pages(message)
        assert [(page.number, page.of) for page in pages] == [
            (at, len(pages)) for at in range(1, len(pages) + 1)
        ]
        for page in pages:
            match robot.platform:
                case "wecom":
                    kind = page.body["msgtype"]
                    size, most = (
                        len(page.body[kind]["content"].encode()),
                        2048 if kind == "text" else 4096,
                    )
                case "dingtalk":
                    size, most = len(encoded(page.body)), 18_000
                case _:
                    size, most = len(encoded(page.body)), 19_000
                    assert len(encoded(as_text(page.body, calling=True))) <= 19_000
            assert size <= most
            assert words_of(page).strip()


@settings(deadline=None, max_examples=60)
@given(messages)
def test_no_word_is_lost_and_the_order_is_kept(message: Message) -> None:
    expected = bare(sanitize(message.text))
    for row in message.table.rows if message.table else ():
        expected += bare("".join(map(sanitize_line, row)))
    for robot in ROBOTS:
        told = "".join(bare(words_of(page)) for page in robot.pages(message))
        assert is_within(expected, told)


def is_within(wanted: str, told: str) -> bool:
    """Whether `wanted` can be read in `told` from left to right, skipping titles and heads."""
    characters = iter(told)
    return all(character in characters for character in wanted)


@given(
    st.lists(st.one_of(words, long_words).filter(bool), max_size=20),
    st.integers(64, 900),
    st.sampled_from([utf8_bytes, json_bytes]),
)
@settings(deadline=None)
def test_paragraphs_come_out_of_the_pages_as_they_went_in(
    texts: list[str], room: int, weight
) -> None:  # type: ignore[no-untyped-def]
    texts = [sanitize_line(text) for text in texts]
    pages = paginate([Piece(text=text) for text in texts], room=room, weight=weight, glue="\n\n")
    assert "".join(piece.text for page in pages for piece in page) == "".join(texts)
    assert all(weight(text_of(page, "\n\n")) <= room for page in pages)
    whole = [text for text in texts if weight(text) <= room]
    pieces = [piece.text for page in pages for piece in page]
    assert is_within_list(whole, pieces)


def is_within_list(wanted: list[str], told: list[str]) -> bool:
    pieces = iter(told)
    return all(text in pieces for text in wanted)


@given(words, words)
def test_weights_add_up(first: str, second: str) -> None:
    first, second = sanitize(first), sanitize(second)
    for weight in (utf8_bytes, json_bytes):
        assert weight(first) + weight(second) == weight(first + second)


@given(st.text(max_size=200))
def test_nothing_is_left_that_a_platform_could_read_as_markup(text: str) -> None:
    told = sanitize(text + "<@all>" + text)
    assert not set(told) & set("<>@*_`~|[]#\\&")
    assert all(
        character == "\n" or unicodedata.category(character) not in ("Cc", "Cs")
        for character in told
    )
    assert not set(told) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")
    assert sanitize(told) == told


@pytest.mark.parametrize("robot", ROBOTS, ids=PLATFORMS)
def test_the_head_of_the_table_stands_on_every_page_that_has_rows(robot: Channel) -> None:
    rows = tuple((str(at), f"第{at}个乡镇" + "很长的名字" * 12, "12.50%") for at in range(1, 400))
    pages = robot.pages(
        Message(title="通报", text="", table=Table(head=("名次", "乡镇", "开工率"), rows=rows))
    )
    assert len(pages) > 1
    for page in pages:
        assert f"({page.number}/{page.of})" in words_of(page)
        if robot.platform == "dingtalk":
            assert words_of(page).count("**名次｜乡镇｜开工率**\n\n- ") == 1
        if robot.platform == "wecom":
            assert words_of(page).count("| 名次 | 乡镇 | 开工率 |\n| --- | --- | --- |\n") == 1
        if robot.platform == "feishu":
            tables = [
                element
                for element in page.body["card"]["body"]["elements"]
                if element["tag"] == "table"
            ]
            assert 1 <= len(tables) <= 3
            assert all(len(shown["rows"]) <= shown["page_size"] for shown in tables)
            assert words_of(page).count("名次｜乡镇｜开工率") == len(tables)


@pytest.mark.parametrize("robot", ROBOTS, ids=PLATFORMS)
def test_people_are_called_on_the_last_page_only(robot: Channel) -> None:
    people = tuple(
        Mention(name=f"联络员{at}", phone=f"138000{at:05d}", user_id=None) for at in range(30)
    )
    people += (Mention(name="李四", user_id="ou_lisi"),)
    pages = robot.pages(
        Message(title="催报", text="\n".join(["请报数" * 100] * 60), mentions=people)
    )
    told = [json.dumps(page.body, ensure_ascii=False) for page in pages]
    assert len(pages) > 1
    assert all(
        "ou_lisi" not in page and "联络员" not in page and "138000" not in page
        for page in told[:-1]
    )
    assert "ou_lisi" in told[-1]
    assert ("13800000029" in told[-1]) is (robot.platform != "feishu")


EMOJI = ("👨‍👩‍👧‍👦", "👩🏽‍🚀", "🏳️‍🌈", "🇨🇳", "🇭🇰", "1️⃣", "👍🏽", "e\u0301", "✈️", "𠀀")
cells = st.lists(
    st.one_of(
        st.sampled_from(
            [*EMOJI, "县", "镇", "改造", "（", "100.00%", "12/30", "|", "<@all>", "\n", "  "]
        ),
        st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF),
    ),
    max_size=25,
).map("".join)
long_names = st.builds(
    lambda text, times: (text * times)[:200], cells.filter(bool), st.integers(1, 40)
)
rankings = st.builds(
    lambda width, rows: Table(
        head=("名次", "乡镇", "竣工/任务", "率")[:width], rows=tuple(row[:width] for row in rows)
    ),
    st.integers(2, 4),
    st.lists(
        st.tuples(st.integers(1, 999).map(str), long_names, cells, cells), min_size=1, max_size=80
    ),
)


def rows_on(page: RenderedPage, platform: str) -> list[str]:
    """The rows of the table on one page, cells joined by ｜; the head is no row."""
    if platform == "feishu":
        elements = page.body["card"]["body"]["elements"]
        return [
            "｜".join(row.values())
            for element in elements
            if element["tag"] == "table"
            for row in element["rows"]
        ]
    lines = words_of(page).split("\n")
    if platform == "dingtalk":
        return [line.removeprefix("- ") for line in lines if line.startswith("- ")]
    table = [line for line in lines if line.startswith("| ")]
    assert not table or table[1] == "|" + " --- |" * (table[0].count(" | ") + 1)
    return [
        "｜".join(line.removeprefix("| ").removesuffix(" |").split(" | ")) for line in table[2:]
    ]


@settings(deadline=None, max_examples=60)
@given(rankings, st.lists(long_names, max_size=30))
def test_the_pages_put_together_are_the_table_row_for_row(table: Table, people: list[str]) -> None:
    mentions = tuple(Mention(name=name, phone="13800001111", user_id="ou_lisi") for name in people)
    whole = ["｜".join(map(sanitize_line, row)) for row in table.rows]
    for robot in ROBOTS:
        pages = robot.pages(
            Message(title="调度通报", text="截至17时：", table=table, mentions=mentions)
        )
        found = [(page, rows_on(page, robot.platform)) for page in pages]
        assert [row for _, rows in found for row in rows] == whole
        assert all(page.number == at and page.of == len(pages) for at, page in enumerate(pages, 1))
        shown = [page for page, rows in found if rows]
        assert [page.number for page in shown] == list(range(shown[0].number, shown[-1].number + 1))
        laid = [
            page for page in pages if robot.platform != "wecom" or page.body["msgtype"] != "text"
        ]
        for page in laid:
            number = f"调度通报 ({page.number}/{len(laid)})" if len(laid) > 1 else "调度通报"
            assert re.search(rf"(^|#+ ){re.escape(number)}$", words_of(page).split("\n", 1)[0])
        called = [
            page.number
            for page in pages
            if "ou_lisi" in str(page.body) or "13800001111" in str(page.body)
        ]
        assert not people or called == list(range(called[0], len(pages) + 1))
        # One page of words calls everybody, unless the names alone are more than a page.
        assert len(called) <= 1 or sum(len(name.encode()) for name in people) > 1000


@given(st.lists(st.sampled_from(EMOJI), min_size=1, max_size=120), st.integers(64, 200))
@settings(deadline=None)
def test_what_must_be_cut_is_never_cut_inside_an_emoji(emoji: list[str], room: int) -> None:
    pages = paginate([Piece(text="".join(emoji))], room=room, weight=utf8_bytes, glue="\n")
    parts = [piece.text for page in pages for piece in page]
    assert "".join(parts) == "".join(emoji)
    ends = {len("".join(emoji[:at])) for at in range(len(emoji) + 1)}
    cut = 0
    for part in parts:
        cut += len(part)
        assert cut in ends


def test_marks_stand_before_the_title() -> None:
    assert (
        heading(Message(title="第3期\n调度通报", text="", marks=("补发", "重发")))
        == "【补发】【重发】第3期 调度通报"
    )


def test_an_overlong_line_is_not_cut_inside_an_emoji() -> None:
    family = "👨‍👩‍👧"
    pages = paginate([Piece(text=family * 40)], room=100, weight=utf8_bytes, glue="\n")
    assert "".join(piece.text for page in pages for piece in page) == family * 40
    assert all(page[0].text.startswith("👨") and page[0].text.endswith("👧") for page in pages)
