"""A ledger as the program kept it while decisions were phrases (revision 0007): one decision of
every kind there has ever been.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import MetaData, create_engine, insert, make_url

from bot.store.engine.store import MIGRATIONS
from tests.builders import at

HOUSING = "rural-housing-2021"
REVISION = "0007"

DECISIONS: tuple[tuple[str, str, str, str], ...] = (
    ("张三", "reply approved", "reply 1", "电话核实13812345678"),
    ("王敏", "reply refused", "reply 2", "不是本乡镇的"),
    ("王敏", "paste vouched", "reply 3", "pasted from the chat"),
    ("王敏", "import vouched", "reply 4", "imported from 10月: 各乡镇.xlsx"),
    ("张三", "figure withdrawn", "figure 1", "重复"),
    ("张三", "figure entered", "云樟镇 2021-10-29", "电话\x100000报数"),
    ("王敏", "test sent", "group leaders", ""),
    ("王敏", "test sent", "group leaders", ""),
    ("王敏", "test sent", "group leaders", ""),
    ("王敏", "delivery retried", "delivery 1", "群里没看到"),
    ("王敏", "delivery dropped", "delivery 2", "写错了: 重写"),
    ("王敏", "delivery settled", "delivery 1", "arrived: 群里有"),
    ("王敏", "delivery settled", "delivery 2", "did not arrive: 群里没有: 问过"),
    ("王敏", "robot on", "group townships", "换了机器人"),
    ("王敏", "tie sender", "wecom/county zhong yi", "云樟镇-钟"),
    ("王敏", "tie chat", "wecom/county chat1", "townships"),
    ("赵督", "overdue answered", "report of 云樟镇", "在办\n明日报"),
    ("赵督", "measure proposed", "movement of 云樟镇", "约谈\n十日无进展"),
    ("赵督", "measure proposed", "progress of 桐岗镇", "书面说明"),
    ("张三", "measure approved", "movement of 云樟镇", "约谈\n同意"),
    ("张三", "measure declined", "progress of 桐岗镇", "书面说明\n已说明"),
    ("赵督", "overdue answered", "report of 已撤并镇", "在办"),
    ("王敏", "reminded now", "day 2021-10-28", "下午开会"),
    ("王敏", "published early", "day 2021-10-28", "领导要看"),
    ("王敏", "bulletin held", "day 2021-10-27", "等一个数"),
    ("王敏", "bulletin released", "day 2021-10-27", "等到了"),
    ("张三", "bulletin held", "day 2021-10-29", "等云樟镇"),
    ("王敏", "sentence set", "day 2021-10-28", "请各乡镇加快。"),
    ("王敏", "sentence withdrawn", "day 2021-10-28", ""),
    ("王敏", "sentence set", "day 2021-10-29", "明日起降温，请抓紧。"),
    ("command line", "account made", "account zhang", "张 三 clerk"),
    ("command line", "role given", "account zhang", "leader"),
    ("command line", "role taken", "account zhang", ""),
    ("command line", "reader let in", "account 州 平台", ""),
    ("command line", "reader ended", "account 州 平台", ""),
    ("王敏", "address set", "group townships", ""),
    ("王敏", "address taken away", "group leaders", ""),
    ("王敏", "address sealed anew", "group townships", ""),
    ("王敏", "set up", "campaign version 1", "开始"),
    ("王敏", "end", "campaign version 1", "结束了"),
    ("王敏", "resume", "campaign version 1", ""),
    ("王敏", "board link made", "board", ""),
    ("王敏", "board links ended", "board", ""),
    ("王敏", "board link made", "board", ""),
    ("王敏", "filed", "file 0123456789ab", "台账.xlsx"),
    ("王敏", "money filed", "return 0123456789ab", "回盘1.txt"),
    ("王敏", "account taken", "case WG2021-01-001", "**** 4732"),
    ("王敏", "list made", "batch 2", "第二批"),
    ("张三", "list approved", "list 1", "农计财〔2021〕8号"),
    ("王敏", "bank form written", "form rcb", ""),
    ("王敏", "bank form ended", "form rcb", ""),
    ("张三", "moved the moon", "moon {0}", "高"),
)
"""Person, kind, about and reason in the very words that were kept, one a minute from 12:00 of 29
October.
"""

OF_EVERY_CAMPAIGN: tuple[tuple[str, str, str, str], ...] = (
    ("command line", "password changed", "account zhang", ""),
    ("command line", "account ended", "account zhang", ""),
)
"""What was decided of an account itself stood under no campaign."""


def _moment(text: str) -> datetime:
    return at(text).astimezone(UTC)


def build(address: str) -> None:
    """Makes the old ledger in an empty database, in the tables of its own revision."""
    engine = create_engine(make_url(address.replace("postgresql://", "postgresql+psycopg://")))
    asked = Config()
    asked.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        asked.attributes["connection"] = connection
        command.upgrade(asked, REVISION)
        old = MetaData()
        old.reflect(connection)
        for table, rows in _rows().items():
            connection.execute(insert(old.tables[table]), rows)
        # the numbers were given by hand; the next is the program's own
        if connection.dialect.name == "postgresql":
            for table in _rows():
                if "id" in old.tables[table].c:
                    connection.exec_driver_sql(
                        f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"
                    )
    engine.dispose()


def _rows() -> dict[str, list[dict[str, Any]]]:
    morning, noon = _moment("10-29 08:00"), _moment("10-29 11:00")
    version = {
        "id": 1,
        "campaign": HOUSING,
        "version": 1,
        "digest": "d",
        "content": "the 2021 campaign",
    }
    decided = [
        {
            "id": number,
            "campaign": campaign,
            "person": person,
            "kind": kind,
            "about": about,
            "reason": reason,
        }
        for number, (campaign, (person, kind, about, reason)) in enumerate(
            [*((HOUSING, one) for one in DECISIONS), *(("*", one) for one in OF_EVERY_CAMPAIGN)], 1
        )
    ]
    numbers = {(one["kind"], one["about"]): one["id"] for one in reversed(decided)}
    reply = {"campaign": HOUSING, "channel": "dingtalk", "sent_at": noon, "arrived_at": noon}
    reading = {
        "version": 1,
        "reader_version": 1,
        "day": date(2021, 10, 29),
        "late": False,
        "echo": "",
        "answers": None,
    }
    figure = {
        "campaign": HOUSING,
        "version": 1,
        "township": "云樟镇",
        "day": date(2021, 10, 29),
        "stage": "completed",
    }
    figure |= {"category": None, "late": False}
    notice = {
        "id": 1, "campaign": HOUSING, "version": 1, "kind": "bulletin", "day": date(2021, 10, 28), "edition": 1, "number": 14,
        "planned": morning, "made_at": morning, "catch_up": False, "title": "调度通报", "text": "各乡镇：", "table_json": "null",
        "mentions_json": "[]", "rule_version": 1,
    }  # fmt: skip
    delivery = {"notice_id": 1, "campaign": HOUSING, "resend_of": None, "marked": True, "pages": ""}
    step = {
        "seq": 1,
        "state": "due",
        "at": morning,
        "attempt": 0,
        "page": 0,
        "until": morning,
        "worker": "",
        "code": "",
    }
    tie = {"channel": "wecom/county", "campaign": HOUSING, "tied_at": noon}
    sealed = {"campaign": HOUSING, "sealed": "gAAA", "fingerprint": "1f", "set_at": noon}
    setup = {"campaign": HOUSING, "version": 1, "set_at": noon}
    return {
        "campaign_versions": [{**version, "loaded_at": _moment("10-15 08:00")}],
        "decisions": [
            {**one, "decided_at": _moment(f"10-29 {12 + place // 60}:{place % 60:02}")}
            for place, one in enumerate(decided)
        ],
        "replies": [
            {**reply, "id": number, "message_id": f"m{number}", "sender": sender, "text": text}
            for number, (sender, text) in enumerate(
                [
                    ("云樟镇-钟", "竣工9户，电话13812345678"),
                    ("桐岗镇-赖", "昨天竣工7户"),
                    ("桐岗镇-赖", "竣工8户"),
                    ("office", "稻溪镇竣工6户"),
                    ("路人", "稻溪镇竣工5户"),
                ],
                1,
            )
        ],
        "readings": [
            {**reading, "id": n, "reply_id": n, "outcome": "ask", "read_at": noon, "asked": f'[{{"why": "{why}"}}]'}
            for n, why in ((1, "closed_day"), (2, "other_day"), (5, "sender"))
        ],
        "figures": [
            {**figure, "id": 1, "value": 80000, "recorded_at": noon, "supersedes": None, "reply_id": 3, "decision_id": None},
            {**figure, "id": 2, "value": 90000, "recorded_at": _moment("10-29 12:00"), "supersedes": None, "reply_id": 1,
             "decision_id": numbers["reply approved", "reply 1"]},
            {**figure, "id": 3, "value": None, "recorded_at": _moment("10-29 12:04"), "supersedes": 1, "reply_id": None,
             "decision_id": numbers["figure withdrawn", "figure 1"]},
            {**figure, "id": 4, "value": 100000, "recorded_at": _moment("10-29 12:05"), "supersedes": 2, "reply_id": None,
             "decision_id": numbers["figure entered", "云樟镇 2021-10-29"]},
        ],
        "notices": [notice],
        "deliveries": [{**delivery, "id": 1, "group_key": "townships"}, {**delivery, "id": 2, "group_key": "leaders"}],
        "delivery_events": [
            {**step, "delivery_id": number, "detail": "", "tries": 0, "pages": 0, "faults": "", "late": False}
            for number in (1, 2)
        ],
        "ties": [
            {**tie, "id": 1, "kind": "sender", "platform_id": "zhong yi", "name": "云樟镇-钟",
             "decision_id": numbers["tie sender", "wecom/county zhong yi"]},
            {**tie, "id": 2, "kind": "chat", "platform_id": "chat1", "name": "townships",
             "decision_id": numbers["tie chat", "wecom/county chat1"]},
        ],
        "addresses": [
            {**sealed, "id": 1, "group_key": "townships", "decision_id": numbers["address set", "group townships"]}
        ],
        "setups": [
            {**setup, "id": 1, "in_force": True, "decision_id": numbers["set up", "campaign version 1"]},
            {**setup, "id": 2, "in_force": False, "decision_id": numbers["end", "campaign version 1"]},
        ],
    }  # fmt: skip
