"""A pasted chat becomes its messages, each with its own sender and moment; what is not certain is a
doubt.
"""

from __future__ import annotations

import contextlib
import time
from datetime import date
from datetime import time as clock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.replies.reading.chat import Chat, ChatRefused, split_chat
from tests.builders import at, rural_housing_2021

CAMPAIGN = rural_housing_2021()
PASTED = at("10-29 17:05")
THAT_DAY = date(2021, 10, 29)


def split(text: str, copied: date | None = THAT_DAY, **facts: object) -> Chat:
    return split_chat(CAMPAIGN, text, at=PASTED, copied=copied, **facts)  # type: ignore[arg-type]


def told(chat: Chat) -> list[tuple[str, str, str]]:
    return [
        (message.sender, f"{message.at:%m-%d %H:%M}", message.text) for message in chat.messages
    ]


THREE = [
    ("稻溪镇-谢", "10-29 16:05", "今日竣工2户，累计17户"),
    ("office", "10-29 16:06", "收到"),
    ("王五", "10-29 16:20", "石磬镇\n累计9户"),
]
SHAPES = {
    "windows with seconds": (
        "稻溪镇-谢 2021-10-29 16:05:12\n今日竣工2户，累计17户\n\noffice 2021-10-29 16:06:40\n收到\n\n"
        "王五 2021-10-29 16:20:00\n石磬镇\n累计9户\n"
    ),
    "mac": (
        "稻溪镇-谢 2021/10/29 16:05\n今日竣工2户，累计17户\n\noffice 2021/10/29 16:06\n收到\n\n"
        "王五 2021/10/29 16:20\n石磬镇\n累计9户"
    ),
    "phone, sent as mail": (
        "微信群“危改工作群”的聊天记录如下，请查收。\n\n—————  2021-10-29  —————\n\n\n稻溪镇-谢  16:05\n\n今日竣工2户，累计17户\n\n"
        "office  16:06\n\n收到\n\n王五  16:20\n\n石磬镇\n累计9户\n"
    ),
    "phone, sent as mail, without blank lines": (
        "—————  2021-10-29  —————\n稻溪镇-谢  16:05\n今日竣工2户，累计17户\noffice  16:06\n收到\n王五  16:20\n石磬镇\n累计9户\n"
    ),
    "the clock alone": "稻溪镇-谢 16:05\n今日竣工2户，累计17户\n\noffice 16:06\n收到\n\n王五 16:20\n石磬镇\n累计9户",
    "date of the campaign": (
        "稻溪镇-谢 10月29日 下午4:05\n今日竣工2户，累计17户\n\noffice 10月29日 下午4:06\n收到\n\n王五 10月29日 下午4:20\n石磬镇\n累计9户"
    ),
    "wecom": (
        "稻溪镇-谢 10/29 16:05:01\n今日竣工2户，累计17户\n\noffice 10/29 16:06:02\n收到\n\n王五 10/29 16:20:03\n石磬镇\n累计9户"
    ),
    "moment first, with the account": (
        "2021-10-29 16:05:12 稻溪镇-谢(123456789)\n今日竣工2户，累计17户\n\n2021-10-29 16:06:00 office<a@b.cn>\n收到\n\n"
        "2021-10-29 16:20:00 王五(987654321)\n石磬镇\n累计9户"
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_each_client_is_split_into_the_same_messages(shape: str) -> None:
    chat = split(SHAPES[shape])
    assert told(chat) == THREE
    assert chat.doubts == ()


def test_the_same_message_has_one_number_whatever_client_it_was_copied_from() -> None:
    numbers = {
        shape: [message.id for message in split(text).messages] for shape, text in SHAPES.items()
    }
    assert len({tuple(ids) for ids in numbers.values()}) == 1
    assert len(set(numbers["mac"])) == 3


def test_blocks_take_the_moment_of_the_line_above_them() -> None:
    chat = split(
        "昨天 17:20\n稻溪镇-谢：\n累计15户\n\n星期二 16:05\n松砚镇-罗：\n累计16户\n\n2021年10月28日 16:05\n稻溪镇-谢:\n累计16户\n\n"
        "下午 4:10\n\n稻溪镇-谢：\n累计17户\n剩余8户\n松砚镇-罗：\n收到\n"
    )
    assert [
        (sender, moment) for sender, moment, _ in told(split("昨天 17:20\n稻溪镇-谢：\n累计15户"))
    ] == [("稻溪镇-谢", "10-28 17:20")]
    assert told(chat)[-2:] == [
        ("稻溪镇-谢", "10-29 16:10", "累计17户\n剩余8户"),
        ("松砚镇-罗", "10-29 16:10", "收到"),
    ]
    # Tuesday lies before yesterday: out of order
    assert [doubt.line for doubt in chat.doubts] == [2, 6, 10]


def test_lines_of_the_phone_with_the_text_behind_the_name() -> None:
    chat = split(
        "10:32\n稻溪镇-谢: 今日竣工2户\n累计17户\n松砚镇-罗: [图片]\noffice: @所有人 请17点前报数\n松砚镇-罗：[文件] 日报.xlsx"
    )
    assert told(chat) == [
        ("稻溪镇-谢", "10-29 10:32", "今日竣工2户\n累计17户"),
        ("松砚镇-罗", "10-29 10:32", "[图片]"),
        ("office", "10-29 10:32", "@所有人 请17点前报数"),
        ("松砚镇-罗", "10-29 10:32", "[文件] 日报.xlsx"),
    ]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("上午9:05", "10-29 09:05"),
        ("上午12:05", "10-29 00:05"),
        ("中午12:30", "10-29 12:30"),
        ("中午1:05", "10-29 13:05"),
        ("下午 4:05", "10-29 16:05"),
        ("下午12:05", "10-29 12:05"),
        ("昨天 晚上8:05", "10-28 20:05"),
        ("前天 16:05", "10-27 16:05"),
        ("星期四 16:05", "10-28 16:05"),
        ("周六 16:05", "10-23 16:05"),
        ("10月29日 星期五 16:05", "10-29 16:05"),
        ("2021年10月5日 16:05", "10-05 16:05"),
        ("——— 2021年10月28日 16:05 ———", "10-28 16:05"),
    ],
)
def test_a_moment_is_read_as_the_client_means_it(written: str, read: str) -> None:
    assert told(split(f"{written}\n稻溪镇-谢：\n累计17户")) == [("稻溪镇-谢", read, "累计17户")]


@pytest.mark.parametrize("written", ["星期五 16:05", "昨天 16:05", "16:05"])
def test_without_the_day_of_the_copy_a_relative_day_is_refused(written: str) -> None:
    with pytest.raises(ChatRefused, match="--date"):
        split(f"{written}\n稻溪镇-谢：\n累计17户", copied=None)
    with pytest.raises(ChatRefused, match="--date"):
        split(f"稻溪镇-谢 {written}\n累计17户", copied=None)


@pytest.mark.parametrize("written", ["25:10", "晚上12:05", "2021-13-01 16:05"])
def test_what_is_no_certain_moment_is_none(written: str) -> None:
    try:
        assert split(f"稻溪镇-谢 {written}\n累计17户").messages == ()
    except ChatRefused:
        return


def test_a_date_of_a_year_that_is_not_written_lies_in_the_campaign() -> None:
    assert told(split("稻溪镇-谢 10月28日 16:05\n累计17户", copied=None))[0][1] == "10-28 16:05"


def test_without_any_time_the_clerk_must_say_it() -> None:
    text = "稻溪镇-谢：\n累计17户\n\n松砚镇-罗：\n累计16户"
    with pytest.raises(ChatRefused, match="--time"):
        split(text)
    assert [moment for _, moment, _ in told(split(text, hour=clock(16, 30)))] == ["10-29 16:30"] * 2


def test_what_the_client_writes_belongs_to_nobody() -> None:
    chat = split(
        '稻溪镇-谢 2021-10-29 16:05:12\n累计17户\n\n松砚镇-罗 撤回了一条消息\n"office"邀请"王五"加入了群聊\n以下为新消息\n\n'
        'office 2021-10-29 16:06:12\n收到\n\n我拍了拍"稻溪镇-谢"\n'
    )
    assert [text for _, _, text in told(chat)] == ["累计17户", "收到"]
    assert chat.passed_over == 4


def test_a_report_of_many_lines_a_chain_and_a_table_stay_whole() -> None:
    report = "【稻溪镇危改日报】\n\n截至 16:05\n今日新增：2户\n备注：无\n2021年10月29日"
    chain = "#接龙 危改日报10月29日\n1. 云樟镇-钟 18\n2. 稻溪镇-谢 17\n3. 王五: 16:05"
    table = "乡镇\t任务\t竣工\n稻溪镇\t25\t17"
    text = "\n\n".join(
        f"稻溪镇-谢 2021-10-29 16:0{place}:00\n{said}"
        for place, said in enumerate((report, chain, table))
    )
    assert [said for _, _, said in told(split(text))] == [report, chain, table]


def test_a_head_of_another_shape_within_a_message_is_its_text() -> None:
    said = "转发给各位\n稻溪镇-谢 16:05\n累计17户\n松砚镇-罗：16户"
    chat = split(f"office 2021-10-29 16:10:00\n{said}\n\n松砚镇-罗 2021-10-29 16:11:00\n收到")
    assert told(chat)[0] == ("office", "10-29 16:10", said)
    assert chat.doubts == ()


def test_one_head_is_no_custom_and_another_one_below_it_is_a_doubt() -> None:
    chat = split("office 2021-10-29 16:10:00\n转发给各位\n稻溪镇-谢 16:05\n累计17户")
    assert chat.messages == ()
    assert "line 3" in chat.doubts[0].why


def test_a_quote_is_kept_with_the_message_it_stands_in() -> None:
    said = "「稻溪镇-谢：累计17户\n剩余8户」\n- - - - - - - - - - - - - - -\n收到"
    chat = split(f"10:32\n松砚镇-罗：\n{said}\n稻溪镇-谢：\n更正：累计18户")
    assert told(chat) == [
        ("松砚镇-罗", "10-29 10:32", said),
        ("稻溪镇-谢", "10-29 10:32", "更正：累计18户"),
    ]


@pytest.mark.parametrize("unknown", ["王五: 石磬镇累计9户", "石磬镇：累计9户", "王五：\n累计9户"])
def test_behind_a_colon_a_name_nobody_knows_spoils_the_message_it_may_belong_to(
    unknown: str,
) -> None:
    chat = split(f"10:32\n稻溪镇-谢：\n收到\n{unknown}\n松砚镇-罗：\n累计16户")
    assert told(chat) == [("松砚镇-罗", "10-29 10:32", "累计16户")]
    assert chat.doubts[0].text.startswith("收到\n")
    settled = split(
        f"10:32\n稻溪镇-谢：\n收到\n\n{unknown}\n\n松砚镇-罗：\n累计16户",
        members=["王五", "石磬镇"],
    )
    assert [sender for sender, _, _ in told(settled)] == [
        "稻溪镇-谢",
        unknown[:3].rstrip(":："),
        "松砚镇-罗",
    ]


def test_a_list_of_known_names_within_a_message_is_a_doubt() -> None:
    chat = split(
        "10:32\noffice：\n昨天的数\n稻溪镇-谢：17\n松砚镇-罗：16\n\n松砚镇-罗：\n收到\n\n稻溪镇-谢：\n收到\n\noffice：\n好"
    )
    assert [text for _, _, text in told(chat)] == ["收到", "收到", "好"]
    assert [doubt.line for doubt in chat.doubts] == [2]


def test_the_labels_of_a_report_are_no_names() -> None:
    said = "今日新增：2户\n累计竣工：17户\n备注：无"
    assert told(split(f"10:32\n稻溪镇-谢：\n{said}"))[0][2] == said


def test_a_chat_copied_in_its_middle_shows_what_has_no_name() -> None:
    chat = split(
        "累计17户\n\n松砚镇-罗 2021-10-29 16:11:00\n收到\n\n稻溪镇-谢 2021-10-29 16:12:00\n好的"
    )
    assert len(chat.messages) == 2
    assert [(doubt.line, doubt.text) for doubt in chat.doubts] == [(1, "累计17户")]


def test_a_chat_within_a_message_goes_back_in_time_and_is_a_doubt() -> None:
    chat = split(
        "office 2021-10-29 16:10:00\n看下面\n稻溪镇-谢 2021-10-28 15:00:00\n累计17户\n\n松砚镇-罗 2021-10-29 16:11:00\n收到"
    )
    assert [sender for sender, _, _ in told(chat)] == ["松砚镇-罗"]
    assert [doubt.line for doubt in chat.doubts] == [1, 3]


def test_two_overlapping_pastes_in_one_are_one_chat() -> None:
    said = [f"稻溪镇-谢 2021-10-29 16:{minute:02}:00\n第{minute}句\n" for minute in range(6)]
    same = "松砚镇-罗 2021-10-29 16:03:30\n收到\n"
    whole = [*said[:4], same, same, *said[4:]]
    once = split("\n".join(whole))
    twice = split("\n".join([*whole[:6], *whole[2:]]))
    assert [(message.id, message.text) for message in twice.messages] == [
        (m.id, m.text) for m in once.messages
    ]
    assert twice.doubts == ()
    assert len({message.id for message in once.messages}) == 8
    assert {message.id for message in split("\n".join(whole[3:])).messages} < {
        message.id for message in once.messages
    }


def test_a_message_of_the_future_is_a_doubt() -> None:
    assert "not come yet" in split("稻溪镇-谢 2021-10-29 17:30:00\n累计17户").doubts[0].why


def test_rows_of_a_sheet_are_one_reply_of_the_office() -> None:
    (message,) = split("乡镇\t任务\t竣工\n稻溪镇\t25\t17\n松砚镇\t22\t16\n", copied=None).messages
    assert (message.sender, message.at, message.text.count("\n")) == ("office", PASTED, 2)


def test_nothing_of_a_chat_is_refused() -> None:
    with pytest.raises(ChatRefused, match="--member"):
        split("今天天气不错\n明天呢")


names = st.sampled_from(["稻溪镇-谢", "松砚镇-罗", "office", "王五", "BL 唐某"])
lines = st.lists(
    st.sampled_from(
        ["累计17户", "截至 16:05", "", "备注：无", "稻溪镇-谢", "1. 云樟镇 18", "[图片]"]
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(names, lines), min_size=2, max_size=8))
def test_whatever_is_said_comes_back_as_it_was_said(said: list[tuple[str, list[str]]]) -> None:
    pasted = [(name, ["好", *body, "完"]) for name, body in said]
    text = "\n\n".join(
        f"{name} 2021-10-29 16:{place:02}:00\n" + "\n".join(body)
        for place, (name, body) in enumerate(pasted)
    )
    chat = split(text)
    assert chat.doubts == ()
    assert [(message.sender, message.text) for message in chat.messages] == [
        (n, "\n".join(body)) for n, body in pasted
    ]


@settings(max_examples=150, deadline=None)
@given(
    st.text(
        alphabet=st.sampled_from(
            list("稻溪镇-谢：: 10月29日16:05\n\t—「」户office昨天撤回了一条消息\u202e\u3000")
        ),
        max_size=300,
    )
)
def test_any_text_is_split_or_refused_and_nothing_is_lost(text: str) -> None:
    try:
        chat = split(text)
    except ChatRefused:
        return
    for piece in (*chat.messages, *chat.doubts):
        assert piece.text
        assert all(line.strip() in text for line in piece.text.split("\n"))


@pytest.mark.parametrize(
    "text",
    ["-" * 100_000 + "b", "--a" * 40_000, "「\n" * 50_000, "10:32\n" * 20_000, "a: b\n" * 20_000, " 16:05" * 20_000,
     "office 16:05\n" * 8_000, "\n" * 100_000, "「稻溪镇-谢：\n" * 10_000, "邀请" * 50_000],
)  # fmt: skip
def test_a_hundred_thousand_signs_take_no_more_than_linear_time(text: str) -> None:
    started = time.process_time()
    with contextlib.suppress(ChatRefused):
        split("稻溪镇-谢 16:05\n好\n\n" + text)
    assert time.process_time() - started < 5
