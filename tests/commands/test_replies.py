"""`diaodu replies` and `diaodu figures` as typed: what waits is listed, decided and told, once and
with a name.
"""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

from tests.commands.typed import EVENING, diaodu

CHAT = "王五 2021-10-29 16:06:12\n石磬镇累计开工25户，累计竣工9户\n\n稻溪镇-谢 2021-10-29 16:07:12\n累计开工25户，累计竣工17户\n"


def test_what_waits_is_listed_approved_told_and_withdrawn(tmp_path: Path) -> None:
    diaodu(tmp_path, "paste", "-", "--by", "陈", stdin=CHAT)
    assert (
        diaodu(
            tmp_path, "once", "bulletin", "--campaign", "rural-housing-2021", "--day", "2021-10-29"
        ).returncode
        == 0
    )
    (waits,) = json.loads(diaodu(tmp_path, "replies", "--json").stdout)
    assert (waits["number"], waits["sender"], waits["why"]) == (1, "王五", ["sender"])
    assert "王五" in diaodu(tmp_path, "replies").stdout
    approved = diaodu(
        tmp_path, "replies", "approve", "1", "--by", "陈", "--township", "石磬镇", "--value", "开工=25", "--value", "竣工=9",
        moment=EVENING + timedelta(minutes=5),
    )  # fmt: skip
    assert approved.returncode == 0, approved.stderr
    assert "石磬镇 2021-10-29 completed: 9" in approved.stdout
    assert "第15期（更正）" in approved.stdout
    assert "no reply waits" in diaodu(tmp_path, "replies").stdout
    later = EVENING + timedelta(minutes=10)
    again = diaodu(
        tmp_path, "replies", "refuse", "1", "--by", "李", "--reason", "不认识", moment=later
    )
    assert (again.returncode, again.stderr.count("陈 has decided")) == (1, 1)
    log = json.loads(
        diaodu(tmp_path, "figures", "--json", "--township", "石磬镇", moment=later).stdout
    )
    assert [(row["stage"], row["value"], row["by"], row["reply"]) for row in log] == [
        ("started", "25", "陈", 1),
        ("completed", "9", "陈", 1),
    ]
    number = str(log[1]["number"])
    gone = diaodu(
        tmp_path, "figures", "withdraw", number, "--by", "陈", "--reason", "查无此数", moment=later
    )
    assert "第2次更正" in gone.stdout
    listed = diaodu(tmp_path, "figures", "--day", "2021-10-29", moment=later).stdout
    assert "withdraws" in listed


def test_a_fault_is_a_sentence(tmp_path: Path) -> None:
    for words, says in (
        (("replies", "approve", "7", "--by", "陈"), "no reply 7"),
        (("replies", "approve", "7", "--by", "陈", "--value", "17"), "completed=17"),
        (("figures", "withdraw", "7", "--by", "陈", "--reason", "错"), "no figure 7"),
    ):
        told = diaodu(tmp_path, *words)
        assert told.returncode != 0
        assert says in told.stderr
        assert "Traceback" not in told.stderr


def test_what_an_approval_lacks_is_named_with_the_option_that_gives_it(tmp_path: Path) -> None:
    diaodu(tmp_path, "paste", "-", "--by", "陈", stdin="王五 2021-10-29 16:06:12\n累计竣工9户\n")
    for words, says in (
        ((), "say with --township whose figures these are"),
        (
            ("--day", "2022-01-01"),
            "say with --day of which reporting day it is, 2021-10-15 to 2021-11-20",
        ),
        (("--township", "石桥镇"), "石桥镇 is no township of rural-housing-2021"),
    ):
        told = diaodu(tmp_path, "replies", "approve", "1", "--by", "陈", *words)
        assert told.returncode == 1
        assert says in told.stderr
    (waits,) = json.loads(diaodu(tmp_path, "replies", "--json").stdout)
    assert waits["number"] == 1
