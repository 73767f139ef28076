"""The words a campaign's replies are made of, compiled once per campaign into one pattern of tokens."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from bot.domain.campaign import Campaign, CategoryKey, StageKey, TownshipName
from bot.domain.reading.numerals import SIGNS

SUFFIXES = ("镇", "乡", "街道", "林场", "农场", "办事处")
OTHER_UNITS = [
    "人",
    "万",
    "元",
    "亿",
    "㎡",
    "m2",
    "平方",
    "平米",
    "亩",
    "户",
    "栋",
    "台",
    "间",
    "米",
    "公里",
    "吨",
    "个",
    "名",
    "次",
    "天",
    "日",
    "周",
    "月",
    "年",
    "楼",
    "层",
    "号",
    "位",
    "辆",
    "处",
    "村",
    "组",
    "批",
    "季度",
    "小时",
    "分钟",
    "分",
    "点",
    "时",
    "秒",
    "车",
    "份",
    "张",
    "条",
    "项",
    "度",
    "倍",
    "成",
    "期",
    "届",
    "级",
    "线",
    "区",
    "县",
    "镇",
    "乡",
    "所",
    "家",
    "口",
    "头",
    "只",
    "斤",
    "袋",
    "片",
    "面",
    "座",
    "剂",
    "针",
    "例",
    "科",
    "股",
    "室",
    "版",
    "页",
    "步",
    "遍",
    "趟",
    "轮",
    "支",
    "队",
]

KINDS = {
    "cum": "累计 累积 总计 合计 总共 一共 共计 共有 总数 总 共 目前 截至目前 截止目前 至今 现有 现已 已经 小计",
    "inc": "新增加 新增 增加 当日 今日 今天 较昨日 较昨天 比昨天 又 再 新",
    "rem": "剩余 剩下 还剩 尚余 还余 余下 剩 余 还差 尚差 未 没有 没 尚未 还有",
    "target": "目标任务 任务数 任务 应改 指标 计划任务",
}
ZERO = (
    "无新增加 无新增 没有新增 暂无新增 未新增 无新 无进展 没有进展 暂无进展 没进展 "
    "零进展 零报告 0报告 无变化 没有变化 没变化 暂无变化 零新增 同昨日 同昨天 "
    "与昨日相同 和昨天一样 无增加"
)
VAGUE = (
    "左右 大约 大概 约 上下 十几 几十 几户 多户 来户 余户 基本 大部分 大多数 "
    "多数 差不多 近乎 接近 将近 可能 估计 好像 应该是"
    " 不到 不足 超过 以上 以下 至少 至多 最多 将近 约莫 上百 好几"
)
PROMISE = (
    "预计 计划 争取 力争 确保 保证 明天 明日 后天 下周 下月 月底 之前 以前 打算 "
    "准备 有望 即将 将于 承诺 马上 稍后 晚点 待"
)
CORRECTION = "更正 纠正 订正 报错 发错 打错 写错 填错 以此为准 以此条为准 为准"
PERIOD = "本周 这周 上周 近三天 近两天 近几天 这几天 这两天 三天 一周 本月 上月 当月 周末"
PARTS = "主体 封顶 入住 搬迁 打地基 地基"
HARMLESS = (
    "农村 危房 改造 危改 农房 住房 进度 调度 进展 情况 如下 日报 报告 汇报 报送 上报 填报 现报 代报 代 报 来电 最新 补充 报数 更新 核实 核对 电话 "
    "刚刚 刚才 我镇 我乡 我街道 我场 全镇 全乡 全街道 全场 本镇 本乡 本街道 我们 镇里 乡里 乡镇 各乡镇 各镇 各单位 几个 单位 街道 镇 乡 林场 "
    "领导 您好 你好 大家 各位 下午好 上午好 好 是 不是 为 有 的 了 也 就 在 请 占 按 统一 要求 正在 加紧 抓紧 施工 顺便 数 户数 数量 "
    "户 截至 截止 现 分别 即 达到 达 工作 数据 统计 经 其中 率 更 以 此条 此 条 此数 准 属实 : = . # @ * ~ ^ _ & ' \" "
    "《 》 < > … · — - / 接龙 例 序号 时 镇村 两级 这边 这里 那 呢 啊 哦 哈 吧 呀 嗯 哟 啦 和 与 及"
)
"""Words that may stand beside a number without saying anything about it; any other word there makes the reply a question."""

IN_PROGRESS = "正在施工 在建 施工中 正在建设 未完工在建"


@dataclass(frozen=True, kw_only=True)
class Lexicon:
    """A campaign's words: the token pattern, and what each domain word means."""

    pattern: re.Pattern[str]
    townships: dict[str, TownshipName]
    nicks: dict[str, TownshipName]
    stages: dict[str, StageKey]
    categories: dict[str, CategoryKey]
    stems: tuple[str, ...]
    harmless: re.Pattern[str]


def lexicon_of(campaign: Campaign) -> Lexicon:
    """The compiled words of a campaign; kept, since every reply of it needs them."""
    return _compiled(
        campaign.unit,
        (campaign.title, campaign.short_title, campaign.area, campaign.bureau, campaign.office),
        tuple(
            (township.name, township.aliases, tuple(c.nick for c in township.contacts))
            for township in campaign.townships
        ),
        tuple((stage.key, stage.words) for stage in campaign.stages),
        tuple((category.key, (*category.words, category.name)) for category in campaign.categories),
    )


@lru_cache(maxsize=256)
def _compiled(
    unit: str,
    titles: tuple[str, ...],
    towns: tuple[tuple[TownshipName, tuple[str, ...], tuple[str, ...]], ...],
    stage_words: tuple[tuple[StageKey, tuple[str, ...]], ...],
    category_words: tuple[tuple[CategoryKey, tuple[str, ...]], ...],
) -> Lexicon:
    townships = {name: name for name, _, _ in towns}
    aliases = {alias: name for name, short, _ in towns for alias in short}
    nicks = {nick: name for name, _, known in towns for nick in known}
    stages = {word: key for key, words in stage_words for word in words}
    categories = {word: key for key, words in category_words for word in words}
    stage = _any(stages)
    suffix = f"(?:{_any(SUFFIXES)})"
    number = rf"(?:\d+(?:\.\d+)?|[{SIGNS}]+)"
    digits = r"\d+(?:\.\d+)?"
    units = _any(word for word in OTHER_UNITS if word != unit)
    parts = [
        ("NEWLINE", r"\n+"),
        ("FILE", r"\[文件\][^\n]*|[^\s,。]{0,40}\.(?:xlsx?|docx?|pdf|csv|zip|jpg|png)"),
        ("PICTURE", r"\[(?:图片|语音|视频|表情|动画表情)\]"),
        ("EMOTICON", r"\[[\u4e00-\u9fff]{1,4}\]"),
        ("NICK", _any(nicks)) if nicks else None,
        ("TOWN", "(?:" + _any(townships) + (rf"|(?:{_any(aliases)})(?!{suffix}|村)" if aliases else "") + ")"),
        ("NOT_A_TOWN", rf"(?:{_any(aliases)}){suffix}" if aliases else r"(?!)"),
        (
            "INDEX",
            r"(?:(?<=^)|(?<=[\n:;。]))[ \t]*(?:\d{1,2}|[一二三四五六七八九十]{1,2})[、.)](?!\d)|\((?:\d|[一二三四五六七八九十])\)(?=\D)",
        ),
        ("LABELLED", r"(?:房号|门牌号?|编号|户号|合同号?|文号|身份证号?|卡号|账号|电话|手机号?)[:：]?\s?[0-9A-Za-z-]+"),
        ("LONG", r"\d{7,}[xX]?|\d{3,4}-\d{7,8}"),
        (
            "DATE",
            rf"(?:\d{{4}}年)?(?:\d{{1,2}}|[{SIGNS}]{{1,3}})月(?:\d{{1,2}}|[{SIGNS}]{{1,4}})[日号]|\d{{4}}[-/.]\d{{1,2}}[-/.]\d{{1,2}}|(?<![\d.])\d{{1,2}}\.\d{{1,2}}(?![\d.%]|\s?{re.escape(unit)})|\d{{1,2}}[日号](?!楼)",
        ),
        ("MONTH", r"\d{4}年(?:\d{1,2}月)?|\d{1,2}月份?"),
        (
            "TIME",
            rf"\d{{1,2}}:\d{{2}}(?::\d{{2}})?|(?:\d{{1,2}}|[{SIGNS}]{{1,2}})(?:点半|点\d{{1,2}}分?|点钟?|时(?!间))",
        ),
        ("PERCENT", rf"{digits}\s?%|百分之[{SIGNS}]+(?:点[{SIGNS}]+)?"),
        ("RANGE", rf"{number}\s?(?:[-~—]|至|到)\s?{number}\s?{re.escape(unit)}"),
        ("SPLIT", r"\d+ +\d+(?=\s*" + re.escape(unit) + r")"),
        ("ARROW", rf"{digits}\s?(?:→|->|=>)\s?{digits}"),
        ("SUM", rf"{digits}\s?\+\s?{digits}\s?=\s?{digits}"),
        ("FRACTION", r"\d+(?:\.\d+)?\s?/\s?\d+(?:\.\d+)?"),
        ("ORDINAL", rf"第\s?{number}\s?(?:{re.escape(unit)}|名|位|期|批|次|一)?"),
        ("STAR_NUMBER", r"\d+[A-Za-z]+\d*|[A-Za-z]\d+|" + "\ufffc"),
        ("PART", _any(PARTS.split())),
        ("ALL", rf"(?:任务)?(?:已经|均已|已|现已)?(?:全部|全面)(?:{stage})|(?:{stage})(?:任务)?(?:已经|已)?全部结束"),
        ("ZERO", _any(ZERO.split()) + rf"|无(?=新?(?:{stage}))|0报告"),
        ("CORRECTION", _any(CORRECTION.split())),
        ("PERIOD", _any(PERIOD.split())),
        ("IN_PROGRESS", _any(IN_PROGRESS.split())),
        ("PROMISE", _any(PROMISE.split()) + r"|(?<=[日号])前"),
        ("VAGUE", _any(VAGUE.split()) + rf"|近(?=\s?(?:\d|[{SIGNS}]))|(?<={re.escape(unit)})[多余]"),
        ("YESTERDAY", r"昨[日天晚]|前[天日]|上一日"),
        ("TITLE", r"今[日天][^,。;\n\d]{0,8}(?:进度|情况|日报|进展|数据):"),
        ("TARGET", _any(KINDS["target"].split())),
        ("ALREADY", rf"已(?=报)|已经?(?=(?:{stage})|[ ]?{number})"),
        ("CUM", _any(KINDS["cum"].split())),
        ("STOPPED", r"截[至止]"),
        ("INC", _any(KINDS["inc"].split())),
        ("CATEGORY", _any(categories)) if categories else None,
        ("STAGE", stage),
        ("REM", _any(KINDS["rem"].split())),
        ("COUNT", rf"(?:{digits}|[{SIGNS}]+)\s?{re.escape(unit)}"),
        ("OTHER", rf"(?:{digits}|[{SIGNS}]+)\s?(?:{units})"),
        ("NUMBER", rf"{digits}"),
        ("WORDNUMBER", rf"[{SIGNS}]+(?=\s*(?:$|[,。;、\n)\]|¦]))"),
        ("PLUS", r"\+"),
        ("MINUS", r"-(?=\d)"),
        ("OPEN", r"[(\[【《「“]"),
        ("CLOSE", r"[)\]】》」”]"),
        ("COMMA", r"[,、|¦;]"),
        ("STOP", r"[。!?;]"),
        ("SPACE", r"[ \t]+"),
        ("WORD", r"."),
    ]
    pattern = "|".join(f"(?P<{name}>{body})" for part in parts if part is not None for name, body in [part])
    return Lexicon(
        pattern=re.compile(pattern, re.S),
        townships={**aliases, **{str(name): name for name in townships}},
        nicks=nicks,
        stages=stages,
        categories=categories,
        stems=tuple(alias for alias in (*aliases, *townships)),
        harmless=re.compile(rf"[\u4e00-\u9fff]{{1,4}}村|{_any([*HARMLESS.split(), *titles])}|\s"),
    )


def _any(words: Iterable[str]) -> str:
    """An alternation that tries the longest first: 上枫荻 before 枫荻."""
    return "|".join(re.escape(word) for word in sorted(set(words), key=lambda word: (-len(word), word))) or r"(?!)"
