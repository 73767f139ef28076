"""A campaign from the form of a page: named fields in, a campaign or every fault at its field out;
and the roster to fill in.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.campaign_file.form import (
    FIELDS,
    ROWS,
    campaign_from_form,
    differences,
    field_of,
    fields_of,
    raw_of,
)
from config.campaign_file.loader import (
    CampaignRefused,
    LoadedCampaign,
    campaign_from_content,
    known_keys,
    load_campaign,
)
from config.campaign_file.roster import read_roster, roster_template
from config.wording.faults import place_in_chinese
from jobs import JOBS
from tests.config.test_campaign_file import FAULTS, PLATFORMS, told_in_chinese
from tests.sheets.books import END, HEAD, packed

FORM: dict[str, list[str]] = {
    "key": ["toilets-2022"],
    "title": ["全县户厕改造"],
    "short_title": ["户厕改造"],
    "area": ["全县"],
    "bureau": ["县农业农村局"],
    "office": ["改厕办"],
    "office_staff": ["office"],
    "start": ["2022-03-01"],
    "deadline": ["2022-04-15"],
    "unit": ["座"],
    "decimals": ["0"],
    "cutoff": ["17:00"],
    "hours.call": ["08:30"],
    "hours.remind": ["16:00"],
    "hours.bulletin": ["17:30"],
    "hours.overdue": [""],
    "hours.digest": ["08:00"],
    "headline": ["stage2"],
    "stages[1].key": ["stage1"],
    "stages[1].name": ["开工"],
    "stages[2].key": ["stage2"],
    "stages[2].name": ["竣工"],
    "stages[2].words": ["竣工、完工"],
    "stages[2].within": ["stage1"],
    "stages[3].key": ["stage3"],
    "stages[3].name": [""],
    "categories[1].name": ["新建"],
    "categories[2].name": ["改造"],
    "groups[1].key": ["group1"],
    "groups[1].name": ["工作群"],
    "groups[1].platform": ["wecom"],
    "groups[1].audience": ["townships"],
    "groups[1].notices": ["call", "bulletin"],
    "ranking.enabled": ["on"],
    "ranking.first": ["3"],
    "ranking.last": ["3"],
    "plan.milestones[1].day": ["2022-03-15"],
    "plan.milestones[1].share": ["30"],
    "ladder[1].trouble": ["missing"],
    "ladder[1].days": ["2"],
    "ladder[1].audience": ["townships"],
    "ladder[2].trouble": ["missing"],
    "ladder[2].days": [""],
    "ladder[2].audience": ["leaders"],
    "unmarked_is_headline": ["on"],
    "csrf": ["0"],
}
ROSTER = "乡镇,简称,联络员,群昵称,电话,任务数,新建,改造\n甲溪镇,甲溪,赵某,甲溪镇-赵,13900000101,30,10,20\n乙山乡,,钱某,乙山乡-钱,,12,12,\n"


def made(
    form: dict[str, list[str]] | None = None, roster: str | None = ROSTER, before: str | None = None
) -> LoadedCampaign:
    named = None if roster is None else ("t.csv", roster.encode())
    return campaign_from_form(
        raw_of(form or FORM), named, platforms=PLATFORMS, jobs=JOBS, before=before
    )


def refused(
    form: dict[str, list[str]], roster: str | None = ROSTER, before: str | None = None
) -> dict[str, str]:
    with pytest.raises(CampaignRefused) as told:
        made(form, roster, before)
    assert all(map(told_in_chinese, told.value.faults))
    return {field_of(fault.place): fault.chinese() for fault in told.value.faults}


def test_a_form_with_a_roster_is_a_campaign() -> None:
    loaded = made()
    campaign = loaded.campaign
    assert [(stage.key, stage.words, stage.headline) for stage in campaign.stages] == [
        ("stage1", ("开工",), False),
        ("stage2", ("竣工", "完工"), True),
    ]
    assert [(category.key, category.name) for category in campaign.categories] == [
        ("kind1", "新建"),
        ("kind2", "改造"),
    ]
    assert [(town.name, town.target, dict(town.targets)) for town in campaign.townships] == [
        ("甲溪镇", 30, {"kind1": 10, "kind2": 20}),
        ("乙山乡", 12, {"kind1": 12}),
    ]
    assert campaign.groups[0].address_setting == ""
    assert [(str(one.day), one.share) for one in campaign.milestones] == [
        ("2022-03-15", campaign.milestones[0].share)
    ]
    assert "overdue" not in campaign.hours
    assert [rung.days for rung in campaign.ladder] == [2]
    assert campaign_from_content(loaded.content, JOBS) == campaign


def test_the_rule_and_the_weights_of_the_ranking_are_fields() -> None:
    loaded = made(
        {**FORM, "ranking.rule": ["2"], "stages[1].weight": ["1"], "stages[2].weight": ["2.5"]}
    )
    ranking = loaded.campaign.ranking
    assert (ranking.rule, {key: str(much) for key, much in ranking.weights.items()}) == (
        2,
        {"stage1": "1", "stage2": "2.5"},
    )
    again = fields_of(json.loads(loaded.content))
    assert (again["ranking.rule"], again["stages[2].weight"]) == (["2"], ["2.5"])
    assert made(again, None, loaded.content).digest == loaded.digest
    assert (
        refused({**FORM, "ranking.rule": ["9"]})["ranking.rule"]
        == "排名规则（现填“9”）：排名规则只有第1、2版"
    )


def test_the_form_of_a_campaign_gives_that_campaign_again() -> None:
    loaded = made()
    again = fields_of(json.loads(loaded.content))
    assert made(again, None, loaded.content).digest == loaded.digest
    assert again["plan.milestones[1].share"] == ["30%"]


@pytest.mark.parametrize("key", known_keys())
def test_the_form_of_a_bundled_campaign_gives_that_campaign_again(key: str) -> None:
    loaded = load_campaign(key, platforms=PLATFORMS, jobs=JOBS)
    form = fields_of(json.loads(loaded.content))
    again = campaign_from_form(
        raw_of(form), None, platforms=PLATFORMS, jobs=JOBS, before=loaded.content
    )
    named = {group["key"]: group for group in json.loads(loaded.content)["groups"]}
    assert [
        difference
        for difference in differences(loaded.content, again.content)
        if "设置项" not in difference.place  # addresses of a page's campaign are kept elsewhere
    ] == []
    assert set(named) == {group.key for group in again.campaign.groups}


@pytest.mark.parametrize(
    ("field", "values", "told"),
    [
        ("title", [""], "专项名称：必须填写"),
        ("key", ["户厕"], "编号（现填“户厕”）：只能用字母"),
        ("start", ["三月"], "开始日期（现填“三月”）：应是日期"),
        ("cutoff", ["18:00"], "通报时间（现填“17:30”）：应晚于截止时间18:00"),
        ("hours.bulletin", [""], "通报时间：必须填写"),
        ("decimals", ["两位"], "小数位数（现填“两位”）：应是整数"),
        ("headline", [], "环节：应选定一个环节用来排名"),
        (
            "stages[2].within",
            ["stage2"],
            "环节第2行“不超过的环节”（现填“stage2”）：应是排在本环节之前的环节",
        ),
        ("stages[2].words", ["开工"], "环节第2行“关键词”（现填“开工”）：已经是环节第1行的关键词"),
        ("groups[1].notices", [], "工作群第1行“接收的内容”：不能空着"),
        ("ladder[1].days", ["0"], "督办阶梯第1行“连续天数”（现填“0”）：不能小于1"),
        ("plan.milestones[1].share", ["130"], "计划节点第1行“应完成比例”（现填“130%”）"),
    ],
)
def test_a_fault_is_told_at_its_field(field: str, values: list[str], told: str) -> None:
    faults = refused({**FORM, field: values})
    at = {"cutoff": "hours.bulletin", "headline": "stages"}.get(field, field)
    assert faults[at].startswith(told)


def test_every_fault_of_the_roster_is_told_at_the_roster_by_row_and_column() -> None:
    faults = refused(
        {**FORM, "title": [""]}, ROSTER.replace("30,10", "31,10").replace("乙山乡-钱", "甲溪镇-赵")
    )
    assert set(faults) == {"title", "roster"}
    assert refused(FORM, "乡镇\n")["roster"] == "文件：名册里一个乡镇也没有"
    assert refused(FORM, None) == {"roster": "乡镇：请上传乡镇名册"}


def test_the_examples_of_the_template_are_not_taken_for_townships() -> None:
    with pytest.raises(CampaignRefused) as told:
        campaign_from_form(
            raw_of(FORM),
            ("名册.xlsx", roster_template(["新建", "改造"], "座")),
            platforms=PLATFORMS,
            jobs=JOBS,
        )
    assert [fault.chinese() for fault in told.value.faults] == [
        "名册第2行“乡镇”列（现填“示例甲镇”）：是模板里的示例行；请换成本地的乡镇",
        "名册第3行“乡镇”列（现填“示例乙乡”）：是模板里的示例行；请换成本地的乡镇",
    ]


@pytest.mark.parametrize("categories", [[], ["新建", "改造"], ["=1+1", "合同（C级）"]])
def test_the_template_reads_back_as_it_was_written(categories: list[str]) -> None:
    roster = read_roster(
        "名册.xlsx",
        roster_template(categories, "座", ["竣工"]),
        {name: f"k{n}" for n, name in enumerate(categories)},
    )
    assert roster.faults == []
    first, second = roster.townships
    assert (first["name"], first["aliases"], first["kind"]) == ("示例甲镇", ["示例甲"], "镇")
    assert first["contacts"] == [{"name": "张某", "nick": "示例甲镇-张", "phone": "13900000001"}]
    assert second["contacts"] == [{"name": "李某", "nick": "示例乙乡-李"}]
    amounts = [{f"k{n}": n + row + 1 for n in range(len(categories))} for row in (1, 2)]
    assert [town["targets"] for town in roster.townships] == amounts
    assert [town["target"] for town in roster.townships] == [
        sum(a.values()) or 10 * n for n, a in enumerate(amounts, 1)
    ]


def test_a_workbook_that_unfolds_to_more_than_a_machine_holds_is_not_unfolded() -> None:
    roster = read_roster("名册.xlsx", packed(HEAD + " " * 90_000_000 + END), {})
    assert [fault.told.rule for fault in roster.faults] == ["file.unpacked"]


def test_a_category_that_is_gone_asks_for_a_new_roster() -> None:
    before = made().content
    form = {**FORM, "categories[2].name": [""]}
    assert refused(form, None, before) == {
        "categories": "类别：去掉了类别“改造”，乡镇任务数要跟着变：请按现在的类别重新上传名册"
    }
    assert len(made(form, "乡镇,任务数,新建\n甲溪镇,10,10\n").campaign.categories) == 1


def test_what_differs_is_listed_as_the_clerk_sees_it_and_telephones_are_not_shown() -> None:
    before = made()
    form = {
        **FORM,
        "deadline": ["2022-04-20"],
        "stages[2].name": ["完成"],
        "hours.overdue": ["17:40"],
        "ranking.enabled": [],
    }
    changed = (
        ROSTER.replace("30,10,20", "31,11,20")
        .replace("13900000101", "13900000102")
        .replace("乙山乡", "丙河乡")
    )
    found = [
        (one.place, one.was, one.now)
        for one in differences(before.content, made(form, changed).content)
    ]
    assert ("截止日期", "2022-04-15", "2022-04-20") in found
    assert ("逾期清单时间", "", "17:40") in found
    assert ("环节“完成”名称", "竣工", "完成") in found
    assert ("排名是否排名", "是", "否") in found or ("是否排名", "是", "否") in found
    assert ("乡镇“甲溪镇”任务数", "30", "31") in found
    assert ("乡镇“甲溪镇”“新建”", "10", "11") in found
    assert ("乡镇“甲溪镇”电话", "（不显示）", "（不显示）") in found
    assert ("乡镇“丙河乡”", "", "✓") in found
    assert ("乡镇“乙山乡”", "✓", "") in found
    assert not [one for one in found if "1390000" in "".join(one)]
    assert not [one for one in found if one[0].startswith(("乡镇“丙河乡”任", "乡镇“乙山乡”任"))]


def test_a_renamed_row_is_no_other_order_and_a_moved_one_is() -> None:
    before = made()
    renamed = made({**FORM, "categories[1].name": ["新修"]}, ROSTER.replace("新建", "新修"))
    assert [
        (one.place, one.was, one.now) for one in differences(before.content, renamed.content)
    ] == [
        ("类别“新修”名称", "新建", "新修"),
        ("类别“新修”关键词", "新建", "新修"),
    ]
    head, first, second = ROSTER.strip().split("\n")
    turned = made(FORM, "\n".join([head, second, first]))
    assert [
        (one.place, one.was, one.now) for one in differences(before.content, turned.content)
    ] == [
        ("乡镇的顺序", "甲溪镇、乙山乡", "乙山乡、甲溪镇"),
    ]


def test_days_of_the_state_council_are_not_what_the_clerk_typed() -> None:
    form = {
        **FORM,
        "days": ["workdays"],
        "calendar.off": ["2022-03-08"],
        "calendar.work": ["2022-03-12"],
    }
    loaded = made(form)
    assert "2022-04-05" in loaded.content
    again = fields_of(json.loads(loaded.content))
    assert (again["calendar.off"], again["calendar.work"]) == (["2022-03-08"], ["2022-03-12"])
    assert made(again, None, loaded.content).digest == loaded.digest


def test_every_field_of_the_form_has_a_name_in_chinese() -> None:
    for field in (name for name in FIELDS if name != "headline" and not name.endswith(".gone")):
        place = field.replace("[]", "[1]")
        assert field_of(place) == place
        assert place_in_chinese(place) != place
    assert all(field_of(section) == section for section in ROWS)


@pytest.mark.parametrize(("changes", "place"), [(fault[0], fault[1]) for fault in FAULTS])
def test_every_fault_of_a_file_has_a_field_or_section_to_be_shown_at(
    tmp_path: Path, changes: Any, place: str
) -> None:
    field = field_of(place)
    assert field == "" or field == "roster" or field in ROWS or place.startswith(field)


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(
            [
                *FORM,
                "stages[9999].name",
                "stages[0].key",
                "townships[1].name",
                "stages[1].headline",
                "hours.x",
                "__class__",
            ]
        ),
        st.lists(
            st.text(max_size=8)
            | st.sampled_from(["on", "2022-02-30", "stage1", "wecom", "99999999999"]),
            max_size=3,
        ),
        max_size=6,
    )
)
def test_whatever_is_posted_gives_a_campaign_or_sentences_and_can_be_shown_again(
    changes: dict[str, list[str]],
) -> None:
    raw = raw_of({**FORM, **changes})
    fields_of(raw)
    try:
        loaded = campaign_from_form(raw, ("t.csv", ROSTER.encode()), platforms=PLATFORMS, jobs=JOBS)
    except CampaignRefused as refused_with:
        told = refused_with.faults
    else:
        assert campaign_from_content(loaded.content, JOBS) == loaded.campaign
        return
    assert told
    assert all(map(told_in_chinese, told))
