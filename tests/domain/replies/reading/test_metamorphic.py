"""Known figures, rendered in every supported form and disturbed in every harmless way, come back as
they were, or are asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from bot.domain.campaigns.campaign import Campaign, CategoryKey, TownshipName
from bot.domain.figures.progress import Cell
from bot.domain.replies.reading import Incoming, Outcome, Reading, read
from config.wording import templates
from tests.builders import COMPLETED, STARTED, at, day, rural_housing_2021

CAMPAIGN = rural_housing_2021()
WORDING = templates.reading()
DIGITS = "零一二三四五六七八九"


@dataclass(frozen=True)
class Case:
    """A township's day: what stood, and what is to be said of it."""

    township: TownshipName
    nick: str
    target: int
    started: int
    stood: int
    value: int

    @property
    def increase(self) -> int:
        return self.value - self.stood

    @property
    def before(self) -> dict[Cell, Decimal]:
        return {
            (self.township, STARTED, None): Decimal(self.started),
            (self.township, COMPLETED, None): Decimal(self.stood),
        }


@st.composite
def cases(draw: st.DrawFn) -> Case:
    township = draw(st.sampled_from(CAMPAIGN.townships))
    target = int(township.target)
    started = draw(st.integers(0, target))
    stood = draw(st.integers(0, started))
    value = draw(st.integers(stood, started))
    return Case(township.name, township.contacts[0].nick, target, started, stood, value)


def chinese(number: int) -> str:
    tens, ones = divmod(number, 10)
    if not tens:
        return DIGITS[ones]
    return ("" if tens == 1 else DIGITS[tens]) + "十" + ("" if not ones else DIGITS[ones])


def percent(case: Case) -> str:
    return f"{Decimal(case.value * 100) / Decimal(case.target):.2f}%"


FORMS = {
    "cumulative": "{town}累计竣工{v}户",
    "with the increase": "{town}：今日新增竣工{i}户，累计竣工{v}户，剩余{r}户",
    "increase": "{town}今日竣工{i}户",
    "remaining": "{town}还剩{r}户未竣工",
    "fraction": "{town}竣工{v}/{t}",
    "numeral": "{town}累计竣工{V}户",
    "task first": "{town}任务{t}户，已开工{s}户，已竣工{v}户",
    "lines": "【{town}】\n日期：10月29日\n今日新增竣工：{i}户\n累计竣工：{v}户\n剩余：{r}户",
    "spaces": "{town} 今日{i} 累计{v} 剩余{r}",
    "in progress": "{town}开工{s}户，在建{p}户，累计竣工{v}户",
    "percent beside": "{town}累计竣工{v}户，竣工率{pc}",
    "from to": "{town}竣工{y}→{v}户",
    "sum": "{town}竣工{y}+{i}={v}户",
    "brackets": "{town}累计竣工{v}户（今日+{i}）",
    "yesterday": "{town}昨日{y}户，今日新增{i}户，累计{v}户",
    "except": "{town}除{r}户外全部竣工",
    "village": "{town}今日竣工{i}户（樟背村{i}户），累计竣工{v}户",
    "unmarked": "{town}竣工{v}户",
    "promise": "{town}累计竣工{v}户，预计明天再竣工1户",
    "zero": "{town}今日无新增，累计{v}户",
}


def rendered(case: Case, form: str) -> str:
    return FORMS[form].format(
        town=case.township,
        v=case.value,
        V=chinese(case.value),
        i=case.increase,
        r=case.target - case.value,
        t=case.target,
        s=case.started,
        p=case.started - case.value,
        y=case.stood,
        pc=percent(case),
    )


def said(case: Case, text: str, sender: str | None = None) -> Reading:
    return read(
        CAMPAIGN,
        Incoming(id="1", text=text, sender=sender or case.nick, at=at("10-29 12:00")),
        open_day=day("10-29"),
        late=False,
        before=case.before,
        today={},
        wording=WORDING,
    )


def completed(reading: Reading, township: TownshipName) -> int | None:
    values = [
        figure.value
        for figure in reading.figures
        if (figure.township, figure.stage, figure.category) == (township, COMPLETED, None)
    ]
    return int(values[0]) if values else None


forms = st.sampled_from(sorted(FORMS))


@settings(max_examples=300)
@given(cases(), forms)
def test_a_figure_in_any_form_comes_back_or_is_asked(case: Case, form: str) -> None:
    assume(form != "zero" or case.increase == 0)
    reading = said(case, rendered(case, form))
    assert reading.outcome is not Outcome.NONE
    if reading.outcome is Outcome.ACCEPT:
        assert completed(reading, case.township) == case.value
    else:
        assert form in {"unmarked", "percent beside", "in progress"} or case.value == 0


@settings(max_examples=300)
@given(cases(), st.integers(0, 400))
def test_a_false_figure_beside_true_ones_is_never_taken(case: Case, number: int) -> None:
    """The total is one thing and what stands beside it another: nothing stands of either."""
    assume(case.value < case.started)
    off = 1 + number % (case.started - case.value)
    text = f"{case.township}今日新增竣工{case.increase}户，累计竣工{case.value + off}户"
    assert said(case, text).outcome is Outcome.ASK


def disturbed(text: str, how: str) -> str:
    match how:
        case "full width":
            return "".join(
                chr(ord(sign) + 0xFEE0) if sign.isascii() and sign.isdigit() else sign
                for sign in text
            )
        case "traditional":
            return text.translate(str.maketrans("户开报进无计还剩总", "戶開報進無計還剩總"))
        case "zero width":
            return "\u200b".join(text)
        case "right to left":
            return f"\u202e{text}\u202c"
        case "spacing":
            return text.replace("户", " 户").replace("竣工", "竣工 ", 1)
        case "courtesy":
            return f"各位领导好，{text}，请审阅，谢谢！"
        case "emoji":
            return f"{text}🙏💪[抱拳]"
        case "lines":
            return f"\n{text}\n\n"
        case "full stops":
            return f"{text}。"
        case "remark":
            return f"{text}。近期有雨，请注意安全"
    raise AssertionError(how)


@settings(max_examples=300)
@example(
    Case(CAMPAIGN.townships[1].name, CAMPAIGN.townships[1].contacts[0].nick, 27, 10, 0, 10),
    "fraction",
    "spacing",
)
@given(
    cases(),
    st.sampled_from(
        [
            "cumulative",
            "with the increase",
            "remaining",
            "fraction",
            "lines",
            "brackets",
            "increase",
        ]
    ),
    st.sampled_from(
        [
            "full width",
            "traditional",
            "zero width",
            "right to left",
            "spacing",
            "courtesy",
            "emoji",
            "lines",
            "full stops",
        ]
    ),
)
def test_what_changes_nothing_changes_nothing(case: Case, form: str, how: str) -> None:
    plain, changed = (
        said(case, rendered(case, form)),
        said(case, disturbed(rendered(case, form), how)),
    )
    assert (changed.outcome, changed.figures) == (plain.outcome, plain.figures)


@settings(max_examples=400)
@given(
    cases(),
    st.sampled_from(["cumulative", "with the increase", "remaining", "brackets"]),
    st.integers(0, 400),
    st.sampled_from(
        ["，{n}户", "，另{n}户", "，走访{n}户", "，第{n}户", "，完成{n}户", "{n}户，", "，{n}"]
    ),
)
def test_a_number_nobody_explains_is_asked(case: Case, form: str, number: int, where: str) -> None:
    text, more = rendered(case, form), where.format(n=number)
    explained = {
        case.value,
        case.increase,
        case.target - case.value,
        case.target,
        case.stood,
        case.started,
    }
    assume(number not in explained)
    told = f"{more}{text}" if where.startswith("{") else f"{text}{more}"
    assert said(case, told).outcome is Outcome.ASK


@settings(max_examples=200)
@given(cases(), cases(), st.sampled_from(["，", "\n", "；", "。"]))
def test_two_clean_replies_in_one_message_give_both(
    first: Case, second: Case, between: str
) -> None:
    assume(first.township != second.township)
    text = f"{rendered(first, 'cumulative')}{between}{rendered(second, 'with the increase')}"
    reading = read(
        CAMPAIGN,
        Incoming(id="1", text=text, sender="office", at=at("10-29 12:00")),
        open_day=day("10-29"),
        late=False,
        before={**first.before, **second.before},
        today={},
        wording=WORDING,
    )
    assert completed(reading, first.township) == first.value
    assert completed(reading, second.township) == second.value
    assert said(first, text).figures == said(first, rendered(first, "cumulative")).figures


@settings(max_examples=200)
@given(cases(), st.sampled_from(["C", "D", "JYS"]))
def test_categories_give_each_and_the_total(case: Case, raised: str) -> None:
    campaign: Campaign = CAMPAIGN
    township = campaign.township(case.township)
    words = {"C": "C级", "D": "D级", "JYS": "交钥匙"}
    values = {key: int(township.target_of(CategoryKey(key))) for key in words}
    text = f"{case.township}：" + "，".join(
        f"{words[key]}累计竣工{value}户" for key, value in values.items()
    )
    before = {(case.township, STARTED, None): Decimal(case.target)}
    reading = read(
        campaign,
        Incoming(
            id="1", text=f"{text}，合计{case.target}户", sender=case.nick, at=at("10-29 12:00")
        ),
        open_day=day("10-29"),
        late=False,
        before=before,
        today={},
        wording=WORDING,
    )
    assert completed(reading, case.township) == case.target
    wrong = text.replace(
        f"{words[raised]}累计竣工{values[raised]}户",
        f"{words[raised]}累计竣工{values[raised] + 1}户",
    )
    assert said(case, f"{wrong}，合计{case.target}户").outcome is Outcome.ASK


@settings(max_examples=200)
@given(cases())
def test_nobody_else_speaks_for_a_township(case: Case) -> None:
    other = next(t for t in CAMPAIGN.townships if t.name != case.township)
    text = rendered(case, "cumulative")
    assert said(case, text, sender=other.contacts[0].nick).outcome is Outcome.ASK
    assert said(case, text, sender="路人").outcome is Outcome.ASK
    assert (
        said(case, f"「{case.nick}：{text}」\n- - - - - - - - - - - - - - -\n收到").outcome
        is Outcome.NONE
    )
