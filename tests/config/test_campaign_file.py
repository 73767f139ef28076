"""Whatever is wrong with a campaign file is told at once: place, value, what is allowed."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import time
from decimal import Decimal
from pathlib import Path

import pytest

from config.campaign_file.loader import (
    CampaignFault,
    CampaignRefused,
    LoadedCampaign,
    campaign_from_content,
    load_campaign,
)
from jobs import JOBS

PLATFORMS = frozenset({"console", "files", "wecom", "dingtalk", "feishu"})

SOUND = """
key = "toilets-2022"
title = "全县户厕改造"
short_title = "户厕改造"
area = "全县"
bureau = "县农业农村局"
office = "改厕办"
office_staff = ["office"]
start = 2022-03-01
deadline = 2022-04-15
unit = "座"
cutoff = "17:00"

[hours]
call = "08:30"
remind = "16:00"
bulletin = "17:30"
overdue = "17:40"
digest = "08:00"

[[stages]]
key = "started"
name = "开工"
words = ["开工"]

[[stages]]
key = "completed"
name = "竣工"
words = ["竣工", "完工"]
headline = true
within = "started"

[[categories]]
key = "A"
name = "新建"
words = ["新建"]

[[categories]]
key = "B"
name = "改造"
words = ["改造"]

[[groups]]
key = "all"
name = "工作群"
platform = "wecom"
audience = "townships"
notices = ["call", "bulletin"]
address_setting = "WECOM_ALL"

[[ladder]]
trouble = "missing"
days = 2
audience = "townships"

[ranking]
first = 3

[plan]
milestones = [{ day = 2022-03-15, share = "30%" }, { day = 2022-04-15, share = "100%" }]

[quiet]
start = "20:00"
end = "08:00"

[[townships]]
name = "甲溪镇"
aliases = ["甲溪"]
target = 30
targets = { A = 10, B = 20 }
contacts = [{ name = "赵某", nick = "甲溪镇-赵" }]

[[townships]]
name = "乙山乡"
aliases = ["乙山"]
target = 12
targets = { A = 12 }
contacts = [{ name = "钱某", nick = "乙山乡-钱", phone = "13900000101" }]
"""


def load(folder: Path, *changes: tuple[str, str], text: str = SOUND) -> LoadedCampaign:
    for old, new in changes:
        assert text.count(old) >= 1, old
        text = text.replace(old, new, 1)
    path = folder / "toilets.toml"
    path.write_text(text, encoding="utf-8")
    return load_campaign(path, platforms=PLATFORMS, jobs=JOBS)


def faults(folder: Path, *changes: tuple[str, str], text: str = SOUND) -> tuple[CampaignFault, ...]:
    with pytest.raises(CampaignRefused) as refused:
        load(folder, *changes, text=text)
    return refused.value.faults


def told_in_chinese(fault: CampaignFault) -> bool:
    """Whether a clerk can read the fault: a sentence of Chinese with its place, and every fact in
    its place.
    """
    said = fault.chinese()
    return (
        "：" in said
        and "{" not in fault.told.chinese()
        and bool(re.search("[一-鿿]", fault.told.chinese()))
    )


FAULTS = [
    # (changes, place, value, part of what is allowed)
    (
        [('area = "全县"', 'area = "全县"\nstil_days = 3')],
        "stil_days",
        "(hidden)",
        "did you mean still_days?",
    ),
    (
        [('name = "开工"', 'nmae = "x"\nname = "开工"')],
        "stages[1].nmae",
        "(hidden)",
        "did you mean name?",
    ),
    ([("first = 3", "frist = 3")], "ranking.frist", "(hidden)", "did you mean first?"),
    (
        [("first = 3", "rule = 3")],
        "ranking.rule",
        "3",
        "must be one of the versions of the rule: 1, 2",
    ),
    ([("first = 3", "rule = 0")], "ranking.rule", "0", "must be at least 1"),
    (
        [("first = 3", "weights = { started = 1 }")],
        "ranking.weights",
        "",
        "is not read by rule 1; the rules that weigh stages are 2",
    ),
    (
        [("first = 3", "rule = 2\nweights = { stated = 1 }")],
        "ranking.weights.stated",
        "1",
        "did you mean started?",
    ),
    (
        [("first = 3", "rule = 2\nweights = { started = -1 }")],
        "ranking.weights.started",
        "-1",
        "must be at least 0",
    ),
    (
        [('platform = "wecom"', 'platform = "wecom"\nurl = "https://x"')],
        "groups[1].url",
        "(hidden)",
        "no key known here",
    ),
    ([('title = "全县户厕改造"\n', "")], "title", "", "must be there"),
    ([('nick = "乙山乡-钱", ', "")], "townships[2].contacts[1].nick", "", "must be there"),
    ([('title = "全县户厕改造"', "title = 3")], "title", "3", "must be text in quotation marks"),
    ([('area = "全县"', 'area = " "')], "area", '" "', "must not be empty"),
    (
        [('area = "全县"', f'area = "{"县" * 201}"')],
        "area",
        '"' + "县" * 76 + "...",
        "200 characters at most",
    ),
    (
        [('area = "全县"', 'area = "全\\n县"')],
        "area",
        '"全\n县"',
        "one line without invisible characters",
    ),
    (
        [('area = "全县"', 'area = "全\\u202E县"')],
        "area",
        '"全\u202e县"',
        "one line without invisible characters",
    ),
    (
        [('key = "toilets-2022"', 'key = "toilets 2022"')],
        "key",
        '"toilets 2022"',
        "letters a to z, digits, - and _",
    ),
    ([("start = 2022-03-01", "start = 20220301")], "start", "20220301", "must be a day"),
    (
        [("start = 2022-03-01", 'start = "3月1日"')],
        "start",
        '"3月1日"',
        "must be a day such as 2021-10-15",
    ),
    (
        [("deadline = 2022-04-15", "deadline = 2022-02-15")],
        "deadline",
        "2022-02-15",
        "not be before start = 2022-03-01",
    ),
    (
        [("deadline = 2022-04-15", "deadline = 2222-04-15")],
        "deadline",
        "2222-04-15",
        "within five years",
    ),
    (
        [('cutoff = "17:00"', 'timezone = "Asia/Peking"\ncutoff = "17:00"')],
        "timezone",
        '"Asia/Peking"',
        "a time zone",
    ),
    (
        [('cutoff = "17:00"', 'days = "weekdays"\ncutoff = "17:00"')],
        "days",
        '"weekdays"',
        "'workdays'",
    ),
    ([('cutoff = "17:00"', 'decimals = 5\ncutoff = "17:00"')], "decimals", "5", "at most 4"),
    (
        [('cutoff = "17:00"', 'decimals = true\ncutoff = "17:00"')],
        "decimals",
        "true",
        "a whole number",
    ),
    ([('cutoff = "17:00"', 'still_days = 0\ncutoff = "17:00"')], "still_days", "0", "at least 1"),
    (
        [('cutoff = "17:00"', 'unmarked_is_headline = "no"\ncutoff = "17:00"')],
        "unmarked_is_headline",
        '"no"',
        "true or",
    ),
    ([('cutoff = "17:00"', "cutoff = 17")], "cutoff", "17", 'must be an hour such as "17:30"'),
    (
        [('bulletin = "17:30"', 'bulletin = "25:30"')],
        "hours.bulletin",
        '"25:30"',
        'must be an hour such as "17:30"',
    ),
    (
        [('bulletin = "17:30"', 'bulletin = "17:30+08:00"')],
        "hours.bulletin",
        '"17:30+08:00"',
        "must be an hour",
    ),
    ([('bulletin = "17:30"\n', "")], "hours.bulletin", "", "must be there"),
    ([('overdue = "17:40"', 'overdu = "17:40"')], "hours.overdu", "", "did you mean overdue?"),
    (
        [('call = "08:30"', 'call = "16:10"')],
        "hours.remind",
        '"16:00"',
        "must come after call = 16:10",
    ),
    (
        [('remind = "16:00"', 'remind = "17:00"')],
        "cutoff",
        '"17:00"',
        "must come after remind = 17:00",
    ),
    (
        [('bulletin = "17:30"', 'bulletin = "16:30"')],
        "hours.bulletin",
        '"16:30"',
        "must come after cutoff = 17:00",
    ),
    (
        [('overdue = "17:40"', 'overdue = "17:20"')],
        "hours.overdue",
        '"17:20"',
        "must come after bulletin = 17:30",
    ),
    (
        [('digest = "08:00"', 'digest = "18:00"')],
        "hours.digest",
        '"18:00"',
        "it is about the day before",
    ),
    (
        [('digest = "08:00"', 'digest = "07:59"')],
        "hours.digest",
        '"07:59"',
        "quiet hours from 20:00 to 08:00",
    ),
    ([('end = "08:00"', 'end = "20:00"')], "quiet.end", '"20:00"', "must differ"),
    ([("headline = true\n", "")], "stages", "", "exactly one stage must have headline = true"),
    (
        [('words = ["开工"]', 'words = ["开工"]\nheadline = true')],
        "stages",
        '"started, completed"',
        "exactly one",
    ),
    (
        [('within = "started"', 'within = "startd"')],
        "stages[2].within",
        '"startd"',
        "did you mean started?",
    ),
    (
        [('within = "started"', 'within = "completed"')],
        "stages[2].within",
        '"completed"',
        "stands before this one",
    ),
    (
        [('words = ["开工"]', 'words = ["开工"]\nwithin = "completed"')],
        "stages[1].within",
        '"completed"',
        "never go round in a circle",
    ),
    (
        [('key = "completed"', 'key = "started"')],
        "stages[2].key",
        '"started"',
        "already the key of stages[1]",
    ),
    (
        [('name = "竣工"', 'name = "开工"')],
        "stages[2].name",
        '"开工"',
        "already the name of stages[1]",
    ),
    ([('words = ["竣工", "完工"]', "words = []")], "stages[2].words", "", "must not be empty"),
    (
        [('words = ["竣工", "完工"]', 'words = ["竣工", ""]')],
        "stages[2].words[2]",
        '""',
        "must not be empty",
    ),
    ([('"完工"', '"开工"')], "stages[2].words", '"开工"', "already a word of stages[1]"),
    (
        [('words = ["改造"]', 'words = ["改造", "新建"]')],
        "categories[2].words",
        '"新建"',
        "already a word of categories[1]",
    ),
    (
        [('words = ["改造"]', 'words = ["竣工"]')],
        "categories[2].words",
        '"竣工"',
        "already a word of stages[2]",
    ),
    ([('key = "B"', 'key = "Ａ"')], "categories[2].key", '"Ａ"', "letters a to z"),
    (
        [('key = "B"', 'key = "a"'), ("B = 20", "a = 20")],
        "categories[2].key",
        '"a"',
        "already the key of categories[1]",
    ),
    (
        [('key = "B"', 'key = "total"'), ("B = 20", "total = 20")],
        "categories[2].key",
        '"total"',
        "the sum of all",
    ),
    (
        [('name = "乙山乡"', 'name = "甲溪镇"')],
        "townships[2].name",
        '"甲溪镇"',
        "already the name of townships[1]",
    ),
    (
        [('aliases = ["乙山"]', 'aliases = ["甲溪"]')],
        "townships[2].aliases",
        '"甲溪"',
        "already means 甲溪镇",
    ),
    (
        [('aliases = ["甲溪"]', 'aliases = ["乙山乡"]')],
        "townships[1].aliases",
        '"乙山乡"',
        "already means 乙山乡",
    ),
    (
        [('nick = "乙山乡-钱"', 'nick = "甲溪镇-赵"')],
        "townships[2].contacts[1].nick",
        '"甲溪镇-赵"',
        "already the nick of a contact of 甲溪镇",
    ),
    (
        [('nick = "乙山乡-钱"', 'nick = "office"')],
        "townships[2].contacts[1].nick",
        '"office"',
        "in office_staff",
    ),
    (
        [("13900000101", "139****0101")],
        "townships[2].contacts[1].phone",
        "(hidden)",
        "a whole telephone number",
    ),
    (
        [("target = 30", "target = 31")],
        "townships[1].target",
        "31",
        "must be 30, the sum of the targets of 甲溪镇",
    ),
    (
        [("target = 12\ntargets = { A = 12 }\n", "")],
        "townships[2].target",
        "",
        "the task number of 乙山乡",
    ),
    ([("target = 12", "target = -12")], "townships[2].target", "-12", "at least 0"),
    ([("target = 12", 'target = "十二"')], "townships[2].target", '"十二"', "must be a number"),
    ([("target = 12", "target = nan")], "townships[2].target", "NaN", "must be a number"),
    ([("target = 12", "target = true")], "townships[2].target", "true", "must be a number"),
    ([("A = 12 }", "C = 12 }")], "townships[2].targets.C", "12", "the categories are A, B"),
    (
        [("target = 12\ntargets = { A = 12 }", "target = 12.5")],
        "townships[2].target",
        "12.5",
        "decimals = 0",
    ),
    ([("A = 12 }", 'A = "x" }')], "townships[2].targets.A", '"x"', "must be a number"),
    (
        [("first = 3", "by_group = true"), ('aliases = ["甲溪"]', 'ranking_group = "一"')],
        "townships[2].ranking_group",
        "",
        "by_group = true",
    ),
    ([("first = 3", "first = 0")], "ranking.first", "0", "at least 1"),
    (
        [("first = 3", 'tie_breaks = ["bigger_target"]')],
        "ranking.tie_breaks[1]",
        '"bigger_target"',
        "'larger_target'",
    ),
    (
        [('platform = "wecom"', 'platform = "wechat"')],
        "groups[1].platform",
        '"wechat"',
        "must be one of console, dingtalk",
    ),
    (
        [('audience = "townships"\nnotices', 'audience = "all"\nnotices')],
        "groups[1].audience",
        '"all"',
        "'townships'",
    ),
    ([('"call", "bulletin"', '"cal"')], "groups[1].notices[1]", '"cal"', "'call'"),
    ([('"call", "bulletin"', "")], "groups[1].notices", "", "must not be empty"),
    (
        [('address_setting = "WECOM_ALL"\n', "")],
        "groups[1].address_setting",
        "",
        "this wecom robot",
    ),
    (
        [("WECOM_ALL", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=k1")],
        "groups[1].address_setting",
        "(hidden)",
        "belongs into .env",
    ),
    (
        [
            (
                "[[ladder]]",
                '[[groups]]\nkey = "all"\nname = "二"\nplatform = "files"\naudience = "leaders"\nnotices = ["call"]\n[[ladder]]',
            )
        ],
        "groups[2].key",
        '"all"',
        "already the key of groups[1]",
    ),
    ([("days = 2", "days = 0")], "ladder[1].days", "0", "at least 1"),
    ([("days = 2", "days = 2.5")], "ladder[1].days", "2.5", "a whole number"),
    ([('trouble = "missing"', 'trouble = "absent"')], "ladder[1].trouble", '"absent"', "'missing'"),
    (
        [
            (
                "[ranking]",
                '[[ladder]]\ntrouble = "missing"\ndays = 2\naudience = "leaders"\n[ranking]',
            )
        ],
        "ladder[2].days",
        "2",
        "is also ladder[1].days of missing",
    ),
    (
        [("day = 2022-03-15", "day = 2022-02-28")],
        "plan.milestones[1].day",
        "2022-02-28",
        "must lie from start",
    ),
    (
        [("day = 2022-04-15", "day = 2022-03-10")],
        "plan.milestones[2].day",
        "2022-03-10",
        "after the milestone before",
    ),
    ([('"100%" }', '"20%" }')], "plan.milestones[2].share", '"20%"', "must not fall below 30%"),
    (
        [('"100%" }', '"90%" }')],
        "plan.milestones[2].share",
        '"90%"',
        "must be 100% on the day of the deadline",
    ),
    ([('"30%"', '"130%"')], "plan.milestones[1].share", '"130%"', "from 0 to 1"),
    ([('"30%"', '"1e99999999"')], "plan.milestones[1].share", '"1e99999999"', "from 0 to 1"),
    ([("[ranking]", "[roster]\nfile = 'x.csv'\n[ranking]")], "roster", "", "name one of the two"),
    (
        [('cutoff = "17:00"', 'cutoff = "17:00"\nranking = 3'), ("[ranking]\nfirst = 3", "")],
        "ranking",
        "3",
        "a table",
    ),
    (
        [
            ("start = 2022", "start = 2097"),
            ("deadline = 2022", 'days = "workdays"\ndeadline = 2097'),
            ("[plan]\nmilestones", "#"),
        ],
        "days",
        '"workdays"',
        "the working calendar of 2097, which is not installed",
    ),
    (
        [
            ("[plan]", "[calendar]\noff = [2022-03-02]\nwork = [2022-03-02]\n[plan]"),
            ("unit", 'days = "workdays"\nunit'),
        ],
        "calendar.work",
        "2022-03-02",
        "also under calendar.off",
    ),
]


@pytest.mark.parametrize(
    ("changes", "place", "value", "allowed"),
    FAULTS,
    ids=[f"{n}-{f[1]}" for n, f in enumerate(FAULTS)],
)
def test_each_fault_is_told_alone_with_place_value_and_what_is_allowed(
    tmp_path: Path, changes: list[tuple[str, str]], place: str, value: str, allowed: str
) -> None:
    (fault,) = faults(tmp_path, *changes)
    assert (fault.file, fault.place, fault.value) == ("toilets.toml", place, value)
    assert allowed in fault.allowed
    assert str(fault).startswith(f"toilets.toml: {place}")
    assert told_in_chinese(fault)


def test_many_faults_are_told_at_once_and_none_of_them_hides_another(tmp_path: Path) -> None:
    found = faults(
        tmp_path,
        ('title = "全县户厕改造"\n', ""),
        ("deadline = 2022-04-15", 'deadline = "soon"'),
        ('remind = "16:00"', "remind = 16"),
        ('overdue = "17:40"', 'overdue = "17:10"'),
        ('words = ["竣工", "完工"]', 'words = ["竣工", "开工", 3]'),
        ('platform = "wecom"', 'platform = "wechat"'),
        ('name = "甲溪镇"', "name = 1"),
        ("target = 30", "target = 31"),
        ('aliases = ["乙山"]', 'aliases = ["甲溪"]'),
        ("target = 12", "target = 13"),
        ("days = 2", "days = 0"),
    )
    assert {fault.place for fault in found} == {
        "title",
        "deadline",
        "hours.remind",
        "hours.overdue",
        "stages[2].words",
        "stages[2].words[3]",
        "groups[1].platform",
        "townships[1].name",
        "townships[1].target",
        "townships[2].aliases",
        "townships[2].target",
        "ladder[1].days",
    }
    assert len(found) == 12


def test_a_file_without_townships_and_without_roster_is_told_what_to_write(tmp_path: Path) -> None:
    (fault,) = faults(tmp_path, text=SOUND[: SOUND.index("[[townships]]")])
    assert fault.place == "townships"
    assert "[roster] with a file" in fault.allowed


def test_an_address_or_a_telephone_in_the_wrong_place_is_never_repeated(tmp_path: Path) -> None:
    secret = "https://oapi.dingtalk.com/robot/send?access_token=t0ps3cret"
    with pytest.raises(CampaignRefused) as refused:
        load(
            tmp_path,
            ('platform = "wecom"', f'platform = "{secret}"\nsecret = "SECt0ps3cret"'),
            ('audience = "townships"\nnotices', f'audience = "{secret}"\nnotices'),
            ("WECOM_ALL", "t0ps3cret==="),
            ("13900000101", "13900000101x"),
        )
    assert len(refused.value.faults) == 5
    assert "t0ps3cret" not in str(refused.value)
    assert "13900000101" not in str(refused.value)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b" \n\t", "is empty"),
        (b"\xd6\xd0\xce\xc4 = 1", "is not UTF-8 text"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "is not UTF-8 text"),
        (b"key = 1\x00", "NUL bytes"),
        (SOUND.encode()[:700], "is no TOML"),
        (SOUND.encode().replace(b'"17:30"', b'"17:30', 1), "line 17, column 18: is no TOML"),
        (b"a = 1\nb = ", "line 2"),
        (b"a = " + b"[" * 100_000, "is no TOML"),
        (b"a = 1e99999999999999999999999", "is no TOML"),
        (b"a = " + b"9" * 5000, "is no TOML"),
        (b"a = 1\na = 2", "is no TOML"),
    ],
)
def test_a_damaged_file_is_refused_with_one_clear_sentence(
    tmp_path: Path, content: bytes, sentence: str
) -> None:
    path = tmp_path / "damaged.toml"
    path.write_bytes(content)
    with pytest.raises(CampaignRefused) as refused:
        load_campaign(path, platforms=PLATFORMS, jobs=JOBS)
    (fault,) = refused.value.faults
    assert sentence in str(fault)
    assert "damaged.toml" in str(fault)
    assert "\n" not in str(fault)


def test_a_truncated_file_is_refused_wherever_it_ends(tmp_path: Path) -> None:
    whole = SOUND.encode()
    path = tmp_path / "cut.toml"
    for length in range(0, len(whole) - 250, 37):
        path.write_bytes(whole[:length])
        with pytest.raises(CampaignRefused) as refused:
            load_campaign(path, platforms=PLATFORMS, jobs=JOBS)
        assert all(str(fault) for fault in refused.value.faults)


def test_a_missing_file_and_a_folder_are_refused_with_the_keys_there_are(tmp_path: Path) -> None:
    for path, sentence in (
        (tmp_path / "no.toml", "rural-housing-2021"),
        (tmp_path, "cannot be read"),
    ):
        with pytest.raises(CampaignRefused, match=sentence):
            load_campaign(path, platforms=PLATFORMS, jobs=JOBS)


def test_the_content_alone_builds_the_same_campaign_again(tmp_path: Path) -> None:
    loaded = load(tmp_path)
    again = campaign_from_content(loaded.content, JOBS)
    assert again == loaded.campaign
    assert list(again.hours) == list(loaded.campaign.hours)
    with pytest.raises(ValueError, match="key"):
        campaign_from_content("{}", JOBS)


def test_the_content_of_a_working_day_campaign_holds_its_calendar(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        ("unit", 'days = "workdays"\nunit'),
        ("[plan]", "[calendar]\noff = [2022-03-08]\n[plan]"),
    )
    assert "2022-04-05" in loaded.content  # 清明
    assert "2022-03-08" in loaded.content
    assert campaign_from_content(loaded.content, JOBS).calendar == loaded.campaign.calendar


MEANS_THE_SAME = [
    [("area", "# a comment\narea")],
    [('short_title = "户厕改造"\narea = "全县"', 'area = "全县"\nshort_title = "户厕改造"')],
    [('call = "08:30"\nremind = "16:00"', 'remind = 16:00:00\ncall = "8:30"')],
    [("target = 30", "target = 30.0")],
    [("target = 30\n", "")],
    [('"30%"', '"0.30"')],
    [('"call", "bulletin"', '"bulletin", "call"')],
    [("B = 20 }", "B = 20.00 }")],
    [("unit", "decimals = 0\nstill_days = 5\nunit")],
]
MEANS_ANOTHER = [
    [("target = 12\ntargets = { A = 12 }", "target = 13\ntargets = { A = 13 }")],
    [('call = "08:30"', 'call = "08:31"')],
    [('"竣工", "完工"', '"竣工"')],
    [('nick = "甲溪镇-赵"', 'nick = "甲溪镇-李"')],
    [("WECOM_ALL", "WECOM_OTHER")],
    [("first = 3", "first = 2")],
    [("[hours]", "[basis]\nday = 2022-01-01\n[hours]")],
]


@pytest.mark.parametrize("changes", MEANS_THE_SAME)
def test_another_way_of_writing_keeps_the_digest(
    tmp_path: Path, changes: list[tuple[str, str]]
) -> None:
    assert load(tmp_path, *changes).digest == load(tmp_path).digest


@pytest.mark.parametrize("changes", MEANS_ANOTHER)
def test_another_meaning_changes_the_digest(tmp_path: Path, changes: list[tuple[str, str]]) -> None:
    assert load(tmp_path, *changes).digest != load(tmp_path).digest


def test_two_jobs_of_one_hour_are_done_in_the_order_of_the_day_however_they_are_listed(
    tmp_path: Path,
) -> None:
    loaded = load(
        tmp_path,
        ('bulletin = "17:30"\noverdue = "17:40"', 'overdue = "17:30"\nbulletin = "17:30"'),
    )
    assert [job for job, hour in loaded.campaign.hours.items() if hour == time(17, 30)] == [
        "bulletin",
        "overdue",
    ]


def test_hours_may_be_written_as_text_or_as_time(tmp_path: Path) -> None:
    assert load(tmp_path, ('cutoff = "17:00"', "cutoff = 17:00:00")).campaign.cutoff == time(17)


def test_a_target_is_the_sum_of_its_parts_when_only_those_are_given(tmp_path: Path) -> None:
    assert load(tmp_path, ("target = 30\n", "")).campaign.townships[0].target == Decimal(30)


def test_the_basis_of_the_file_holds_for_townships_without_one_of_their_own(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        ("[hours]", '[basis]\nday = 2022-01-05\npaper = "甲"\n[hours]'),
        ("target = 12", 'basis = { paper = "乙" }\ntarget = 12'),
    )
    assert [township.basis.paper for township in loaded.campaign.townships] == ["甲", "乙"]


def test_what_is_allowed_and_likely_not_meant_is_a_warning(tmp_path: Path) -> None:
    assert load(tmp_path).warnings == ()
    loaded = load(
        tmp_path,
        ('"call", "bulletin"', '"call"'),
        ('audience = "townships"\n\n[ranking]', 'audience = "leaders"\n\n[ranking]'),
        ('contacts = [{ name = "赵某", nick = "甲溪镇-赵" }]', ""),
        ("[plan]", "[calendar]\noff = [2022-03-08]\n[plan]"),
    )
    told = "\n".join(loaded.warnings)
    for part in (
        "no group is sent the bulletin",
        "tells leaders",
        "no contact is named for 甲溪镇",
        "every_day",
    ):
        assert part in told
    assert len(loaded.warnings) == 4
    assert [caution.chinese() for caution in loaded.cautions] == [
        "没有一个工作群接收通报",
        "督办阶梯要告知领导，但没有对应的工作群",
        "甲溪镇没有联络员，只能由本单位代报",
        "每天都报送，放假日和调休日不起作用",
    ]


def test_a_campaign_of_the_installation_is_found_by_its_key(tmp_path: Path) -> None:
    load(tmp_path)
    path = tmp_path / "toilets.toml"
    among = ["rural-housing-2021", str(tmp_path / "no.toml"), str(path)]
    found = load_campaign("toilets-2022", platforms=PLATFORMS, jobs=JOBS, among=among)
    assert found.path == path
    with pytest.raises(CampaignRefused, match="is not there"):
        load_campaign("toilets-2022", platforms=PLATFORMS, jobs=JOBS)


def test_telephones_and_content_stay_out_of_what_is_printed_of_a_loaded_campaign(
    tmp_path: Path,
) -> None:
    loaded = load(tmp_path)
    assert loaded.campaign.townships[1].contacts[0].phone == "13900000101"
    assert "13900000101" not in repr(replace(loaded, campaign=loaded.campaign.key))  # type: ignore[arg-type]
