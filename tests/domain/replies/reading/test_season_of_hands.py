"""Nineteen contacts with hands that the reader does not know write for 37 days: each is asked about
once, and none is read wrongly.
"""

from __future__ import annotations

import random
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.domain.campaigns.campaign import TownshipName
from bot.domain.figures.progress import Cell
from bot.domain.replies.reading import Incoming, Outcome, read
from bot.domain.replies.reading.shapes import MessageShape, SettledMessage, learned
from config.wording import templates
from tests.builders import COMPLETED, STARTED, at, day, rural_housing_2021

CAMPAIGN = rural_housing_2021()
WORDING = templates.reading()
DAYS = 37
HANDS = (
    "瓦匠又收了{more}户的尾，桌上一共{total}户",
    "本子上记着{total}户",
    "老伙计们干掉{more}户，还欠{rest}户的账",
    "灶台点火{more}户，合伙点火{total}户",
    "{total}户挂牌",
    "大红门联贴了{more}户，贴完{total}户，没贴{rest}户",
    "咱家喜鹊叫了{more}声；叫过的{total}户",
    "收尾账：{more}/{total}/{rest}",
    "鞭炮响{more}户，响过{total}户",
    "梁头上墙{total}户（今儿{more}户）",
    "尾款表{total}行，新添{more}行",
    "领钥匙的又来了{more}户，领走{total}户",
    "房檐滴水{total}户",
    "锁匠配锁{more}把，配好{total}户",
    "灯亮{total}户，没亮{rest}户",
    "今晚灯亮{total}户",
    "烟囱冒烟{total}户，没冒{rest}户",
    "木匠记账{total}户",
    "落成酒喝了{more}户，喝遍{total}户",
)


def test_one_question_a_hand_and_no_figure_wrong() -> None:
    dice = random.Random(20211015)
    figures: dict[Cell, Decimal] = {}
    for township in CAMPAIGN.townships:
        figures[(township.name, STARTED, None)] = township.target
        figures[(township.name, COMPLETED, None)] = Decimal(int(township.target * Decimal("0.2")))
    shapes: dict[str, list[MessageShape]] = {}
    questions = dict.fromkeys((town.name for town in CAMPAIGN.townships), 0)
    for number in range(DAYS):
        today = day("10-15") + timedelta(days=number)
        before = dict(figures)
        for hand, township in zip(HANDS, CAMPAIGN.townships, strict=True):
            cell: Cell = (township.name, COMPLETED, None)
            more = Decimal(
                min(dice.choice((0, 0, 1, 1, 2, 3)), int(township.target - before[cell]))
            )
            total = before[cell] + more
            text = hand.format(more=more, total=total, rest=township.target - total)
            sender = township.contacts[0].nick
            reading = read(
                CAMPAIGN,
                Incoming(
                    id="1", text=text, sender=sender, at=at("10-15 12:00") + timedelta(days=number)
                ),
                open_day=today,
                late=False,
                before=before,
                today={},
                wording=WORDING,
                shapes=shapes.get(sender, ()),
            )
            if reading.outcome is Outcome.ACCEPT:
                told = {(f.township, f.stage, f.category): f.value for f in reading.figures}
                assert told == {cell: total}, text
            else:
                assert reading.outcome is Outcome.ASK, text
                questions[township.name] += 1
                settled = SettledMessage(
                    text=text, sender=sender, before=before, figures={cell: total}
                )
                found = learned(CAMPAIGN, WORDING, settled)
                assert found is not None, text
                shapes.setdefault(sender, []).append(found)
            figures[cell] = total
    assert sum(questions.values()) <= 1.2 * len(questions), questions


@pytest.mark.parametrize("hand", HANDS)
def test_a_hand_is_asked_about_before_it_is_known(hand: str) -> None:
    town = TownshipName("稻溪镇")
    reading = read(
        CAMPAIGN,
        Incoming(
            id="1",
            text=hand.format(more=2, total=17, rest=8),
            sender="稻溪镇-谢",
            at=at("10-29 12:00"),
        ),
        open_day=day("10-29"),
        late=False,
        before={(town, STARTED, None): Decimal(25), (town, COMPLETED, None): Decimal(15)},
        today={},
        wording=WORDING,
    )
    told = {(figure.stage, figure.category): figure.value for figure in reading.figures}
    assert reading.outcome is not Outcome.NONE
    assert told in ({}, {(COMPLETED, None): Decimal(17)})
