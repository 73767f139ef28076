"""The words a campaign's replies are made of, compiled once per campaign into one pattern of tokens."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from bot.domain.campaigns.campaign import Campaign, CategoryKey, StageKey, TownshipName
from bot.domain.replies.reading.normal import ODD_NUMBER
from bot.domain.replies.reading.numerals import SIGNS

SUFFIXES = ("镇", "乡", "街道", "林场", "农场", "办事处")
OTHER_UNITS = [
    "毫米",
    "厘米",
    "千米",
    "公斤",
    "立方米",
    "立方",
    "平方米",
    "摄氏度",
    "mm",
    "cm",
    "km",
    "kg",
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
    "cum": "累计 累积 累计数 增加到 增加至 增至 升至 总计 合计 总共 一共 共计 共有 总数 总 共 目前 截至目前 截止目前 到目前为止 至今 迄今 现有 现已 已经 小计 总的",
    "inc": "再添 又添 新添 新增加 新增 增加 净增 当日 当天 本日 今日 今天 今 较昨日 较昨天 比昨天 比昨日 又 再 新",
    "rem": "剩余 剩下 还剩 还剩下 还余 尚余 尚剩 余下 剩 余 还差 尚差 还缺 未 没有 没 尚未 还有 还没 还没有",
    "target": "目标任务 任务数 任务总数 总任务 任务量 任务 应改 应完成 指标 计划任务 下达任务 年度任务 改造任务",
}
TODAY = frozenset({"今日", "今天", "当日", "当天", "本日", "今"})
"""Words that name the calendar day; they mark an increment unless a cumulative word stands by them (rule 6)."""
WHOLE = frozenset({"合计", "总计", "共", "共计", "总共", "一共", "小计", "总数"})
"""Words that end a category: what follows is of all."""
KIND_STARTS = ("今日", "累计", "新增", "剩余", "目前", "任务")
NOTHING = r"(?:任何|什么|新的|新增的?|明显)?(?:新增加?|新进展|进展|变化|变动|增加|增量|动静)"
ZERO = (
    rf"(?:暂时?|仍|依然|还是)?(?:没有?|无|未有?|零){NOTHING}|未新增|[零0]\s?报告|"
    r"(?:数据|数字|进度)?(?:与|和|跟)(?:昨[日天]|前一天)(?:数据|数字|进度)?(?:一致|相同|一样|持平)|"
    r"同昨[日天]|没变(?!化)|(?:数据|数字|进度)(?:保持|维持)?不变|(?:保持|维持)不变"
)
VAGUE = (
    "左右 大约 大概 约 上下 十几 几十 几户 多户 来户 余户 若干 基本 大部分 大多数 大半 过半 一半 半数 多半 部分 个别 "
    "多数 差不多 近乎 接近 将近 可能 估计 好像 应该 应该是 大致 估摸 粗略 暂估 初步 似乎 据说 听说 几乎 "
    "不到 不足 超过 以上 以下 至少 至多 最多 约莫 上百 好几 老样子 快完 收尾"
)
CONDITION = frozenset({"如果", "若是", "要是", "假如", "的话"})
"""Promises that hold to the end of their sentence: 如果天气好,明天能竣工2户."""
APPROXIMATE = frozenset(
    [
        "左右",
        "大约",
        "大概",
        "约",
        "上下",
        "可能",
        "估计",
        "好像",
        "应该",
        "应该是",
        "大致",
        "估摸",
        "粗略",
        "暂估",
        "似乎",
        "据说",
        "听说",
        "几乎",
        "不到",
        "不足",
        "超过",
        "以上",
        "以下",
        "至少",
        "至多",
        "最多",
        "约莫",
    ]
)
"""Vague words that hang on a number even from a clause of their own: 累计17户,大概."""
PROMISE = (
    "预计 预估 预期 计划 拟 争取 力争 确保 保证 明天 明日 明早 明晚 后天 下周 下月 月底 周末前 之前 以前 打算 下一步 下步 接下来 后续 近期 "
    "准备 有望 可望 即将 将于 将在 承诺 马上 稍后 晚点 尽快 尽早 早日 目标是 待会 回头 如果 若是 要是 假如 的话 "
    "可达 将达 能达 将达到 能到 还能 就能 才能 能够 可以 能再 可再 本周内 月内 年内 届时 到时"
)
CORRECTION = (
    "更正 纠正 订正 改正 勘误 报错 发错 打错 写错 填错 说错 搞错 弄错 记错 算错 数错 看错 有误 误报 报多 报少 多报 少报 "
    "应为 重报 重新报 以此为准 以此条为准 以这条为准 以这个为准 以本条为准 以这次为准 为准 作废"
)
PERIOD = (
    "本周 这周 上周 近三天 近两天 近几天 这几天 这两天 近日 近期来 三天 两天 一周 本月 上月 当月 周末 上半月 下半月 上旬 中旬 下旬 "
    "半个月 今年 去年 全年 本年 上半年 下半年 本季度 前几天 前期"
)
PARTS = "主体 封顶 入住 搬迁 打地基 地基 基础 砌墙 上梁 盖瓦 内装 装修 粉刷 拆除"
INERT = "一口气 一举 一并 一大早 一早 一鼓作气 最新 重新 新房 新农村 创新 再次 共同 公共 总体 总的来说 总之 业余 未来 今后 统一 之一 唯一 万一 进一步 第一时间 基本情况 一线 一手 一律 一致 一定 一直 一起 一点 一下 一些时间 再接再厉 百姓 千方百计 十分 百分百配合"
"""Words with a numeral in them that is no number."""
HARMLESS = (
    "农村 危房 改造 危改 农房 住房 危旧房 房改 进度 调度 进展 情况 如下 日报 晚报 快报 日报表 报表 报告 汇报 报送 上报 填报 现报 现将 代报 代 报 来电 来报 "
    "电话 最新 补充 报数 更新 核实 核对 清点 汇总 统计 刚刚 刚才 刚 此刻 我镇 我乡 我街道 我场 我们 俺 咱 咱们 全镇 全乡 全街道 全场 全辖区 辖区 本镇 本乡 "
    "本街道 本场 我处 镇里 乡里 乡镇 各乡镇 各镇 各单位 几个 单位 街道 镇 乡 林场 该镇 该乡 办事处 人民政府 政府 住建 住建局 住建办 村镇 村镇办 村建办 村建所 村建 建设办 规划所 规建所 自然资源所 补录 代录 好消息 至此 搞好 搞定 弄好 搞完 弄完 改造完 修完 建完 盖完 干完 修好 建好 盖好 建成 规建办 城建办 "
    "领导 局长 主任 科长 您好 你好 大家 大家好 各位 早上好 下午好 上午好 中午好 晚上好 早上 上午 下午 中午 晚上 傍晚 今早 辛苦 辛苦了 谢谢 感谢 "
    "不好意思 抱歉 对不起 报晚 晚了 迟了 来晚 好 嗯 哎 唉 是 不是 为 有 的 了 也 就 在 请 占 按 把 对 从 自 统一 要求 正在 加紧 抓紧 施工 顺便 "
    "数 户数 数量 总量 数据 数字 数为 户 家 间 截至 截止 截 至 到 到目前 为止 止 点 现 现在 分别 分别为 即 达到 达 已达 工作 经 其中 率 更 以 此条 此 条 此数 准 "
    "属实 无误 请查收 查收 请审阅 审阅 请知悉 知悉 请领导 请核 领导们 老师 同志 同志们 报告完毕 完毕 特此 特 以上 谢 "
    "顺利 如期 按时 按期 按要求 圆满 正式 陆续 新近 均 都 共 又 再 且 并 而 并且 但 但是 "
    "实际 实 累计数 完成数 推进 落实 目标 总体 整体 中 里 内 上 下 今 日 天 月 年 期 时 分 期间 自查 核查后 经核实 经统计 经核对 经汇总 其余 其他 其它 剩下的 另 另有 另外 尚有 仍 仍然 依然 依旧 还是 继续 最后 只 仅 仅仅 就 才 当前 现阶段 占比 比例 如实 据实 本次 此次 今次 一个 报一下 打电话 来电话 经过 努力 克服困难 收上来 收上来的 "
    ": = . # @ * ~ ^ _ & ' \" 《 》 < > … · — - / ｜ ┃ │ ★ ● ■ ◆ √ 接龙 例 序号 镇村 两级 这边 这里 那边 那 呢 啊 呀 哦 哈 吧 哟 啦 咯 喽 嘞 哒 咧 噢 和 与 及 以及 还"
)
"""Words that may stand beside a number without saying anything about it; any other word there makes the reply a question."""
BESIDE_A_STAGE = (
    "通过 合格 农户 群众 房屋 危房户 改造户 工程 建设 修缮 加固 任务 系统 平台 录入 申请 手续 建房 房子 房 新房 户主 住户 贫困户 对象 队 施工队 工队 加班 加点 加快 "
    "成功 终于 又有 又是 一下子 抢在 赶在 天黑前 下班前 雨前 雨停后 天晴 天好 天气好 全力 全力以赴"
)
"""Words that are plain beside a stage word of the same clause (验收通过12户) and say something else without one."""

IN_PROGRESS = "正在施工 在建 施工中 正在建设 未完工在建 建设中 改造中 在施工 正施工 在改 正在改造 正在建 进行中"


@dataclass(frozen=True, kw_only=True)
class Lexicon:
    """A campaign's words: the token pattern, and what each domain word means."""

    pattern: re.Pattern[str]
    townships: dict[str, TownshipName]
    nicks: dict[str, TownshipName]
    stages: dict[str, StageKey]
    categories: dict[str, CategoryKey]
    roles: dict[str, str]
    stage_words: re.Pattern[str]
    stems: Mapping[
        int, tuple[frozenset[str], ...]
    ]  # by the length of a township's name, the signs at each of its places
    harmless: re.Pattern[str]
    beside_a_stage: re.Pattern[str]

    def looks_like_a_township(self, name: str) -> bool:
        """Whether a name that is not registered has the length of one that is, and a sign in common at its place."""
        return any(sign in signs for sign, signs in zip(name, self.stems.get(len(name), ()), strict=False))

    def stage_of(self, words: str) -> StageKey:
        """The stage that stage words name; a later word wins: 竣工验收 is accepted (rule 5)."""
        known = self.stages.get(words)
        return known if known is not None else self.stages[self.stage_words.findall(words)[-1]]


_LAST: dict[int, tuple[Campaign, Lexicon]] = {}
"""The lexicons of the campaigns lately read for, by identity: to look at all of a campaign's words for every reply takes longer."""


def lexicon_of(campaign: Campaign) -> Lexicon:
    """The compiled words of a campaign; kept, since every reply of it needs them."""
    known = _LAST.get(id(campaign))
    if known is not None and known[0] is campaign:
        return known[1]
    lexicon = _compiled(
        campaign.unit,
        (campaign.title, campaign.short_title, campaign.area, campaign.bureau),
        (campaign.office, *campaign.office_staff),
        tuple(
            (township.name, township.aliases, tuple(c.nick for c in township.contacts))
            for township in campaign.townships
        ),
        tuple((stage.key, stage.words) for stage in campaign.stages),
        tuple((category.key, (*category.words, category.name)) for category in campaign.categories),
    )
    if len(_LAST) >= 256:
        _LAST.clear()
    _LAST[id(campaign)] = (campaign, lexicon)
    return lexicon


@lru_cache(maxsize=256)
def _compiled(
    unit: str,
    titles: tuple[str, ...],
    office: tuple[str, ...],
    towns: tuple[tuple[TownshipName, tuple[str, ...], tuple[str, ...]], ...],
    stage_words: tuple[tuple[StageKey, tuple[str, ...]], ...],
    category_words: tuple[tuple[CategoryKey, tuple[str, ...]], ...],
) -> Lexicon:
    townships = {name: name for name, _, _ in towns}
    aliases = {alias: name for name, short, _ in towns for alias in short}
    nicks = {nick: name for name, _, known in towns for nick in known}
    stages = {word: key for key, words in stage_words for word in words}
    categories = {word: key for key, words in category_words for word in words}
    stage = f"(?:{_any(stages)})"
    named = f"(?:{_any([*categories, *stages])})"
    suffix = f"(?:{_any(SUFFIXES)})"
    digits = r"\d+(?:\.\d+)?"
    numeral = rf"[{SIGNS}]{{1,12}}"  # bounded: a long run of them must not be tried from each of its signs
    number = rf"(?:{digits}|{numeral})"
    one = re.escape(unit)
    counted = rf"{digits}\s?(?:{one})?"
    units = _any(word for word in OTHER_UNITS if word != unit)
    measures = _any(word for word in OTHER_UNITS if word not in {unit, "日", "号", "月", "期", "时", "点"})
    finished = r"(?:现?已经?|均已?经?|都已?经?|全)?"
    every = r"(?:全部|全面|全都|全数|悉数|均已经?|都已经?|全)"
    instead = r"(?:改为|改成|更改为|变更为|更正为|调整为|修正为|应为|应该为|应该是)"
    kinds = {word for words in KINDS.values() for word in words.split()}
    inert = [word for word in HARMLESS.split() if word not in kinds and any(kind in word for kind in kinds)]
    parts = [
        ("NEWLINE", r"\n+"),
        ("FILE", r"\[文件\][^\n]*|[^\s,。]{0,40}\.(?:xlsx?|docx?|pdf|csv|zip|rar|jpe?g|png|wps|et)(?![A-Za-z])"),
        ("PICTURE", r"\[(?:图片|语音|视频|表情|动画表情|照片)\](?:\s?\d+[\"″'秒])?"),
        ("EMOTICON", r"\[[\u4e00-\u9fffA-Za-z]{1,6}\]"),
        ("CALLED", rf"@(?:所有人|全体成员|全体|{_any([*nicks, *office])}|[^\s,:。;!?]{{1,20}}(?=\s|$))"),
        ("NICK", _any(nicks)) if nicks else None,
        ("TOWN", "(?:" + _any(townships) + (rf"|(?:{_any(aliases)})(?!{suffix}|村)" if aliases else "") + ")"),
        ("NOT_A_TOWN", rf"(?:{_any(aliases)}){suffix}" if aliases else r"(?!)"),
        (
            "INDEX",
            rf"(?:(?<=^)|(?<=[\n:;。]))[ \t]*(?:\d{{1,2}}|[一二三四五六七八九十]{{1,2}})[、.)](?!\d)|\((?:\d{{1,2}}|[一二三四五六七八九十])\)(?=[\u4e00-\u9fff])(?!\({one}\))|"
            rf"(?:(?<=^)|(?<=[\n:;。,、 ])|(?<={one}))\d?{ODD_NUMBER}\s?(?={named}|{_any([*townships, *aliases, *KIND_STARTS])})",
        ),
        (
            "LABELLED",
            r"(?:房号|门牌号?|编号|户号|合同号?|文号|身份证号?码?|卡号|账号|电话号?码?|手机号?码?|微信号?|QQ)[:：]?\s?[0-9A-Za-z-]+|[(\[【〔]\d{4}[)\]】〕]\s?第?\d+号(?:文件?|通知)?",
        ),
        ("DATE", r"(?<!\d)20\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?!\d)"),
        ("LONG", rf"\d{{7,}}+[xX]?(?!\s?{one})|\d{{3,4}}-\d{{7,8}}"),
        (
            "DATE",
            rf"(?:\d{{4}}年)?(?:\d{{1,2}}|[{SIGNS}]{{1,3}})月(?:份)?(?:\d{{1,2}}|[{SIGNS}]{{1,4}})[日号]?(?!\d|[{SIGNS}]|{one})|\d{{4}}[-/.]\d{{1,2}}[-/.]\d{{1,2}}|"
            rf"(?<![\d.])\d{{1,2}}\.\d{{1,2}}(?![\d.%]|\s?{one}|{measures})|(?:\d{{1,2}}|[{SIGNS}]{{1,3}})[日号](?!楼|房|院)|(?<![\d-])\d{{1,2}}-\d{{1,2}}(?=\s?(?:日报|进度|[】\])]))",
        ),
        ("MONTH", r"\d{4}年(?:\d{1,2}月)?|\d{1,2}月份?"),
        ("WEEKDAY", r"(?:星期|礼拜|周)[一二三四五六日天](?![0-9])"),
        (
            "TIME",
            rf"\d{{1,2}}:\d{{2}}(?::\d{{2}})?|(?:\d{{1,2}}|[{SIGNS}]{{1,3}})(?:点半|点钟|点(?:\d{{1,2}}|[{SIGNS}]{{1,3}})?分?|时(?!间)(?:\d{{1,2}}分)?)",
        ),
        ("PERCENT", rf"{digits}\s?%|百分之{numeral}(?:点{numeral})?|百分之{digits}"),
        ("PART_OF", rf"(?:\d|[{SIGNS}]){{1,12}}分之(?:\d|[{SIGNS}]){{1,12}}"),
        ("SHARE", rf"(?:\d|[{SIGNS}]){{1,3}}成"),
        (
            "CHANGED",
            rf"(?:由|从|把|将)?{counted}{instead}{counted}|不是{counted}[,，]?\s?(?:而?是|应为|应该?是){counted}|(?:应该?)?是{counted}[,，]?\s?(?:而)?不是{counted}|(?:不是|报成了?|错报[成为]?|误报[成为]?|写成了?|错写成){counted}",
        ),
        ("RANGE", rf"{number}\s?{one}?\s?(?:[-~—]|至|到)\s?{number}\s?{one}"),
        ("SPLIT", rf"\d+ +\d+(?=\s*{one})"),
        (
            "ARROW",
            rf"(?:由|从){counted}(?:增加到|增加至|增至|升至|升到){digits}(?:\s?{one})?|{digits}\s?(?:→|->|=>|⇒)\s?{digits}(?:\s?{one})?",
        ),
        ("SUM", rf"{digits}\s?\+\s?{digits}\s?=\s?{digits}(?:\s?{one})?"),
        ("FRACTION", rf"{digits}\s?(?:{one})?\s?/\s?{digits}(?:\s?{one})?"),
        ("REM", rf"(?:其余|其他|其它|另外|剩下)的?(?=\s?{number}\s?{one})"),
        (
            "INERT",
            rf"{_any([*INERT.split(), *inert])}|(?:马上|现在|这就)报(?=:)|含(?=今|新增|当)|以下(?=乡|镇|为|是|单位|几)|以上(?=情况|数据|为|报|是|乡)",
        ),
        ("ORDINAL", rf"第\s?{number}\s?(?:{one}|名|位|期|批|次|一)?"),
        (
            "STAR_NUMBER",
            rf"\d+(?!m2|mm|cm|km|kg)[A-Za-z]{{1,12}}\d*|(?<![A-Za-z])[A-Za-z]\d+|\d*{ODD_NUMBER}+|(?![XxNn]{{1,3}}\s?{one})[A-Za-z]{{1,12}}(?=\s?{one})",
        ),
        ("CATEGORY", _any(categories)) if categories else None,
        ("PART", _any(PARTS.split())),
        (
            "EXCEPT",
            rf"除(?:了|去)?\s?{number}\s?(?:{one})?(?:未{stage}的?|没{stage}的?|还?在建的?|正在施工的?)?(?:之外|以外|外)",
        ),
        ("ALL_THOSE", rf"(?:均已经?|都已经?|均|都)(?={stage})"),
        (
            "ALL",
            rf"(?:任务)?{finished}{every}(?:已经?)?{stage}+(?:了|任务)*|{stage}(?:任务)?(?:现?已经?)?全部(?:结束|任务)|{stage}了?全部(?:的)?(?:改造)?任务",
        ),
        ("KIND_OF", rf"(?:均|都|全|全部)(?:是|为|属|属于)(?:{_any(categories)})" if categories else r"(?!)"),
        (
            "ZERO",
            rf"{ZERO}|零(?={stage})|0(?=新增|进展|增长)|(?<={one})(?:仍|仍然|保持|数据)?不变|(?:没有?|无|未)新(?:增)?(?={stage})|无(?={stage}(?:$|[,。;、!\s]))|今[日天][^,。;\d\n]{{0,6}}?(?:没有?|未|无)(?:新)?(?={stage}(?:的|户)?(?:$|[,。;!\s]))",
        ),
        ("CORRECTION", _any(CORRECTION.split())),
        ("PERIOD", _any(PERIOD.split())),
        ("IN_PROGRESS", _any(IN_PROGRESS.split()) + rf"|施工(?=\s?:?\s?{number}\s?{one})"),
        ("PROMISE", _any(PROMISE.split()) + rf"|(?<=[日号底旬末])前|{number}(?:天|日|周)(?:之)?内|月底|年底"),
        (
            "VAGUE",
            _any(VAGUE.split())
            + rf"|(?:(?<={one})|(?<=\d))(?:以上|以下)|近(?=\s?(?:\d|[{SIGNS}]))|(?<={one})[多余]|(?:\d|[{SIGNS}]){{1,12}}[多余来](?={one})",
        ),
        ("YESTERDAY", r"昨[日天晚]|前[天日]|上一日|前一[日天]"),
        (
            "TITLE",
            rf"今[日天](?![^,。;:\n\d]{{0,8}}(?:新增|增加|{stage}))[^,。;:无没未零暂\n\d]{{0,8}}(?:(?:进度|情况|日报|进展|数据):|(?:进度|情况|日报|数据)(?=[】\])\n]|$))",
        ),
        ("ENDED", r"(?:任务|工作)全部结束"),
        ("TARGET", _any(KINDS["target"].split())),
        ("ALREADY", rf"已(?=报)|已经?(?={stage}|[ ]?{number}|{_any(categories)})"),
        ("EVERY", rf"全部(?=\s?{number}\s?{one})"),
        ("CUM", _any(KINDS["cum"].split())),
        ("STOPPED", r"截[至止]"),
        ("INC", rf"(?:较|比)昨[日天](?:净?新?增加?|多)?|{_any(KINDS['inc'].split())}"),
        ("AMONG", r"其中"),
        ("STAGE", rf"{stage}+"),
        ("REM", rf"{_any(KINDS['rem'].split())}|差(?=\s?{number})"),
        ("COUNT", rf"{number}\s?{one}"),
        ("OTHER", rf"{number}\s?(?:{units})"),
        ("NUMBER", rf"{digits}"),
        ("WORDNUMBER", rf"{numeral}(?=\s*(?:$|[,。;、\n)\]|¦]))"),
        ("PLUS", r"\+"),
        ("MINUS", r"-(?=\d)"),
        ("OPEN", r"[(\[【《「“〔]"),
        ("CLOSE", r"[)\]】》」”〕]"),
        ("COMMA", r"[,、|¦;]"),
        ("STOP", r"[。!?;]"),
        ("SPACE", r"[ \t]+"),
        ("VILLAGE", rf"(?:(?!{named})[\u4e00-\u9fff]){{1,4}}?(?:(?<![农镇乡])村(?![镇级里民改])|社区)(?:委会|民小组)?"),
        ("WORD", r"."),
    ]
    numbered = [(f"{name}_{at}", body) for at, part in enumerate(parts) if part is not None for name, body in [part]]
    pattern = "|".join(f"(?P<{name}>{body})" for name, body in numbered)
    return Lexicon(
        pattern=re.compile(pattern, re.S),
        townships={**aliases, **{str(name): name for name in townships}},
        nicks=nicks,
        stages=stages,
        categories=categories,
        roles={name: name.rpartition("_")[0] for name, _ in numbered},
        stage_words=re.compile(_any(stages)),
        stems={
            size: tuple(
                frozenset(signs) for signs in zip(*(s for s in (*aliases, *townships) if len(s) == size), strict=True)
            )
            for size in {len(name) for name in (*aliases, *townships)}
        },
        harmless=re.compile(rf"{_any([*HARMLESS.split(), *titles, *office])}|\s"),
        beside_a_stage=re.compile(rf"{_any([*BESIDE_A_STAGE.split(), *HARMLESS.split(), *titles, *office])}|\s"),
    )


def _any(words: Iterable[str]) -> str:
    """An alternation that tries the longest first: 上枫荻 before 枫荻."""
    return "|".join(re.escape(word) for word in sorted(set(words), key=lambda word: (-len(word), word))) or r"(?!)"
