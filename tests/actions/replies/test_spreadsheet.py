"""The office's own table: each row a reply of the office that the reader reads, or refused;
formulas and names are data.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.actions.replies.collect import IMPORTED
from bot.actions.replies.paste import Came, PasteResult, previewed, take_in
from bot.actions.replies.spreadsheet import NotTaken, Table, table_of
from bot.app import App
from bot.domain.campaigns.enrolled import Enrolled
from bot.domain.decisions.actor import Actor
from bot.domain.decisions.kinds import DecisionKind
from bot.domain.figures.progress import plain
from bot.sheets.cells import Unreadable
from bot.store import Session
from bot.store.decisions import decisions
from bot.store.figures import figures
from bot.store.replies import replies
from config.wording import templates
from config.wording.faults import file_refusal, sentence
from tests.builders import at, day, rural_housing_2021
from tests.sheets.books import csv_of, xlsx_of

CAMPAIGN = rural_housing_2021()
NOON = "10-15 12:00"


def table(content: bytes, mark: str = "m") -> Table:
    return table_of(CAMPAIGN, content, at=at(NOON), open_day=day("10-15"), mark=mark)


def taken(app: App, enrolled: Enrolled, content: bytes, mark: str = "m") -> list[PasteResult]:
    def deed(session: Session) -> list[PasteResult]:
        return take_in(
            session,
            enrolled,
            app.reading_wording,
            table(content, mark=mark).chat,
            by=Actor(name="李四"),
            at=at(NOON),
            channel=IMPORTED,
            vouched=DecisionKind.IMPORT_VOUCHED,
            facts={"file": "table.csv"},
        )

    shown = previewed(app.store, deed)
    with app.store.writing() as session:
        came = deed(session)
    assert [one.came for one in shown] == [one.came for one in came], "the preview told otherwise"
    return came


def stands(app: App) -> dict[str, str]:
    with app.store.reading() as session:
        found = figures.standing(session, CAMPAIGN.key, day("10-15"), at("11-20 20:00"))
    return {
        f"{town} {stage}" + (f" {kind}" if kind else ""): plain(value)
        for (town, stage, kind), value in found.items()
    }


HEAD = ["序号", "乡镇", "开工", "竣工（户）", "竣工率", "排名", "备注"]
ROWS = (
    ["危房改造进度表"],
    HEAD,
    ["1", "稻溪镇", "25", "14", "56.00%", "2", ""],
    ["2", "兰皋", "19", "19", "95%", "1", '=HYPERLINK("http://evil.example")'],
    ["3", "石磬镇", "", "-", "", "", "没报"],
    ["", "合计", "44", "33", "", "", ""],
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_becomes_figures_row_by_row(app: App, enrolled: Enrolled, encoding: str) -> None:
    came = taken(app, enrolled, csv_of(*ROWS, encoding=encoding))
    assert [one.came for one in came] == [Came.ACCEPTED, Came.ACCEPTED]
    assert stands(app) == {
        "稻溪镇 started": "25",
        "稻溪镇 completed": "14",
        "兰皋镇 started": "19",
        "兰皋镇 completed": "19",
    }
    with app.store.reading() as session:
        kept = replies.replies(session, CAMPAIGN.key)
        vouched = [
            one
            for one in decisions.decisions(session, CAMPAIGN.key)
            if one.kind is DecisionKind.IMPORT_VOUCHED
        ]
    assert [(reply.channel, reply.sender) for reply in kept] == [("import", "office")] * 2
    assert [one.person for one in vouched] == ["李四"] * 2


def test_a_workbook_reads_as_the_csv_does(app: App, enrolled: Enrolled) -> None:
    rows = [[int(cell) if cell.isdigit() else cell for cell in row] for row in ROWS]
    came = taken(app, enrolled, xlsx_of(*rows))
    assert [one.message.text for one in came] == [
        one.text for one in table(csv_of(*ROWS)).chat.messages
    ]
    assert stands(app)["兰皋镇 completed"] == "19"


def test_categories_have_columns_of_their_own(app: App, enrolled: Enrolled) -> None:
    head = ["乡镇", "竣工", "C级维修竣工", "D级重建竣工", "交钥匙竣工", "开工"]
    taken(app, enrolled, csv_of(head, ["稻溪镇", "14", "10", "2", "2", "25"]))
    assert stands(app)["稻溪镇 completed C"] == "10"
    assert stands(app)["稻溪镇 completed"] == "14"


def test_what_is_not_certain_is_asked_and_what_is_wrong_is_refused(
    app: App, enrolled: Enrolled
) -> None:
    content = csv_of(
        ["乡镇", "开工", "竣工"],
        ["稻溪镇", "25", "26"],
        ["稻西镇", "5", "5"],
        ["石磬镇", "五", "5"],
        ["", "5", "5"],
        ["兰皋镇", "=1+1", "5"],
        ["汀前街道", "2", "1"],
        ["汀前", "2", "2"],
    )
    came = taken(app, enrolled, content)
    assert [one.came for one in came] == [Came.ASKED]
    doubts = table(content).chat.doubts
    assert [(doubt.line, doubt.code) for doubt in doubts] == [
        (3, "row.township"),
        (4, "cell.not_a_number"),
        (5, "row.no_name"),
        (6, "cell.formula"),
        (7, "row.twice"),
        (8, "row.twice"),
    ]
    assert all(sentence(doubt.code, **doubt.facts).chinese() for doubt in doubts)
    assert stands(app) == {}


def test_a_row_of_a_day_that_is_closed_waits_for_a_person(app: App, enrolled: Enrolled) -> None:
    rows = xlsx_of(
        ["乡镇", "日期", "开工", "竣工"],
        ["稻溪镇", date(2021, 10, 15), 25, 14],
        ["兰皋镇", "10月16日", 9, 7],
    )

    def deed(session: Session) -> list[PasteResult]:
        chat = table_of(CAMPAIGN, rows, at=at("10-16 12:00"), open_day=day("10-16"), mark="m").chat
        return take_in(
            session,
            enrolled,
            app.reading_wording,
            chat,
            by=Actor(name="李四"),
            at=at("10-16 12:00"),
            channel=IMPORTED,
        )

    assert [one.came for one in previewed(app.store, deed)] == [Came.HELD, Came.ACCEPTED]


def test_the_same_table_twice_brings_nothing_new(app: App, enrolled: Enrolled) -> None:
    taken(app, enrolled, csv_of(*ROWS))
    assert [one.came for one in taken(app, enrolled, csv_of(*ROWS))] == [Came.KNOWN, Came.KNOWN]
    assert [one.came for one in taken(app, enrolled, csv_of(*ROWS), mark="n")] == [
        Came.ACCEPTED,
        Came.ACCEPTED,
    ]


def test_rows_shorter_than_their_head_are_rows_all_the_same() -> None:
    short = table(csv_of(["竣工", "", "开工", "乡镇", "日期"], ["14"], ["", "", "25", "稻溪镇"]))
    assert [(doubt.line, doubt.code) for doubt in short.chat.doubts] == [(2, "row.no_name")]
    assert [message.text for message in short.chat.messages] == ["乡镇\t开工\n稻溪镇\t25"]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (csv_of(["乡镇", "竣工率"], ["稻溪镇", "68"]), "no_figures"),
        (csv_of(["乡镇", "走访"], ["稻溪镇", "1"]), "no_figures"),
        (csv_of(["乡镇", "竣工日期"], ["稻溪镇", "1"]), "no_figures"),
        (csv_of(["乡镇", "计划竣工"], ["稻溪镇", "1"]), "no_figures"),
        (csv_of(["乡镇", "竣工（亩）"], ["稻溪镇", "1"]), "no_figures"),
        (csv_of(["乡镇", "竣工", "竣工(户)"], ["稻溪镇", "1", "1"]), "head_twice"),
        (csv_of(["乡镇", "竣工"], ["稻溪镇", "1"], ["合计", "2"]), "sum"),
        (csv_of(["乡镇", "竣工"], *[["稻溪镇", "1"]] * 501), "rows"),
    ],
)
def test_what_is_no_table_of_figures_is_refused_with_what_to_do(content: bytes, why: str) -> None:
    with pytest.raises(NotTaken) as refused:
        table(content)
    assert refused.value.why == why
    assert templates.refusal("import", why, **refused.value.facts)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"%PDF", "kind"),
        (csv_of(["开工", "竣工"], ["25", "14"]), "no_head"),
        (b"x" * 5_000_001, "large"),
    ],
)
def test_what_is_no_table_at_all_is_refused_as_every_file_is(content: bytes, code: str) -> None:
    with pytest.raises(Unreadable) as refused:
        table(content)
    assert refused.value.code == code
    assert file_refusal(code, refused.value.facts)


def test_columns_nobody_asked_for_stop_nothing_and_are_named() -> None:
    read = table(
        csv_of(["乡镇", "走访", "", "竣工"], ["稻溪镇", "约15", "x", "1"], ["", "", "", ""])
    )
    assert [message.text for message in read.chat.messages] == ["乡镇\t竣工\n稻溪镇\t1"]
    assert (read.read, read.passed_over) == (("竣工",), ("走访", "C"))


def test_without_registered_staff_the_office_itself_says_a_table(
    app: App, enrolled: Enrolled
) -> None:
    """A campaign made on a page names nobody, and may call its office what it likes."""
    campaign = rural_housing_2021(office_staff=(), office="改厕专班")
    staffless = replace(enrolled, campaign=campaign)
    chat = table_of(campaign, csv_of(*ROWS), at=at(NOON), open_day=day("10-15"), mark="").chat
    with app.store.writing() as session:
        came = take_in(
            session,
            staffless,
            app.reading_wording,
            chat,
            by=Actor(name="李四"),
            at=at(NOON),
            channel=IMPORTED,
        )
    assert [one.came for one in came] == [Came.ACCEPTED, Came.ACCEPTED]
    assert stands(app)["兰皋镇 completed"] == "19"


@settings(max_examples=40, deadline=None)
@given(
    rows=st.lists(
        st.lists(
            st.sampled_from(["乡镇", "竣工", "开工", "日期", "稻溪镇", "合计", "5", "", "=1+1"])
            | st.text(max_size=6),
            max_size=4,
        ),
        max_size=6,
    )
)
def test_no_rows_break_the_table(rows: list[list[str]]) -> None:
    moment: datetime = at(NOON)
    try:
        made = table_of(
            CAMPAIGN, csv_of(*rows, encoding="utf-8"), at=moment, open_day=day("10-15"), mark="m"
        )
    except (NotTaken, Unreadable, UnicodeEncodeError):
        return
    for message in made.chat.messages:
        assert message.text.count("\n") == message.text.count("年") + 1
        assert len({row.count("\t") for row in message.text.split("\n") if "\t" in row}) == 1


def test_a_column_of_the_day_before_is_there_to_compare(app: App, enrolled: Enrolled) -> None:
    content = csv_of(
        ["乡镇", "开工", "昨日竣工", "较昨日", "竣工"], ["稻溪镇", "25", "15", "2", "17"]
    )
    read = table(content)
    assert read.passed_over == ("昨日竣工",)
    assert [message.text for message in read.chat.messages] == [
        "乡镇\t开工\t较昨日\t竣工\n稻溪镇\t25\t2\t17"
    ]
