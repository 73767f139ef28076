"""The pattern of tokens: what numbers, dates and words look like. Every alternative takes time in
proportion to what it looks at.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from bot.domain.replies.reading.normal import ODD_NUMBER
from bot.domain.replies.reading.numerals import SIGNS
from bot.domain.replies.reading.roles import Token, TokenRole
from bot.domain.replies.reading.vocabulary import Vocabulary

DIGITS = r"\d{1,20}(?:\.\d{1,9})?"
# bounded: a long run of them must not be tried from each of its characters
NUMERAL = rf"[{SIGNS}]{{1,12}}"
NUMBER = rf"(?:{DIGITS}|{NUMERAL})"
EVERY = r"(?:全部|全面|全都|全数|悉数|均已经?|都已经?|全)"
BY_NOW = r"(?:现?已经?|均已?经?|都已?经?|全)?"
INSTEAD = r"(?:改为|改成|更改为|变更为|更正为|调整为|修正为|应为|应该为|应该是)"
NEVER = r"(?!)"
TITLES = r"(?:进度|情况|日报|进展|数据|数字|的?数|报数|报表|报送|上报|汇报|战报|快报|简报|调度|统计|汇总|台账|动态)"
"""What a title that begins with 今日 ends in: 今日报表."""
SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕张孔曹严华金魏陶姜谢邹窦章苏潘葛范彭郎鲁韦马苗凤花方俞任袁柳鲍史唐费岑薛雷贺倪汤罗毕郝安常乐傅齐康伍余"
    "元卜顾孟黄穆萧尹姚邵汪祁毛狄米贝戴宋庞熊纪舒屈项祝董梁杜阮蓝闵席季贾路江童颜郭梅林刁钟徐邱骆高夏蔡田樊胡凌霍万柯卢莫房丁邓洪包左石崔吉龚程邢陆翁段侯"
    "武刘景叶黎白蒲温庄曾游向易廖欧"
)
"""Signs with which a name begins: （张三户、李四户） are two people, and no three and four
households.
"""
MOST_SIGNS = 20_000
ENDING = re.compile(r"\.(?:xlsx?|docx?|pdf|csv|zip|rar|jpe?g|png|wps|et)(?![A-Za-z])")
LONGEST_NAME = 40
ANY: frozenset[str] = frozenset()
DECIMAL = frozenset("0123456789")
NUMERIC = DECIMAL | frozenset(SIGNS)
LATIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
OF_TIME = ("日", "号", "月", "期", "时", "点")


@dataclass(frozen=True, kw_only=True)
class Words:
    """All words that go into the pattern of one campaign, in the plain form."""

    vocabulary: Vocabulary
    townships: tuple[str, ...]
    aliases: tuple[str, ...]
    suffixes: tuple[str, ...]
    nicks: tuple[str, ...]
    office: tuple[str, ...]
    stages: tuple[str, ...]
    categories: tuple[str, ...]
    units: tuple[str, ...]
    decimals: int
    years: tuple[int, ...]
    """The years of the campaign, and the one it may be for: 2022年度医保, collected in 2021."""
    nouns: tuple[str, ...]


def any_of(words: Iterable[str]) -> str:
    """An alternation that tries the longest first: 上枫荻 before 枫荻; of no words, what never
    matches.
    """
    return (
        "|".join(
            re.escape(word) for word in sorted(set(words), key=lambda word: (-len(word), word))
        )
        or NEVER
    )


def firsts(words: Iterable[str]) -> frozenset[str]:
    """The first characters of the words."""
    return frozenset(word[0] for word in words if word)


def behind(words: Iterable[str]) -> str:
    """A place right behind one of the words; a look behind must know how far, so there is one for
    each length.
    """
    sizes: dict[int, list[str]] = {}
    for word in set(words):
        sizes.setdefault(len(word), []).append(word)
    return "(?:" + "|".join(f"(?<={any_of(alike)})" for alike in sizes.values()) + ")"


class PatternPart(NamedTuple):
    """One alternative of the pattern: the role it gives, how it is written, and with which
    characters it can begin (empty: any).
    """

    role: TokenRole
    body: str
    begins: frozenset[str] = frozenset()


Step = tuple[re.Pattern[str] | None, tuple[str, ...]]
"""What is tried at a character: a pattern, or words from the longest on."""


class Pattern:
    """All that a campaign's messages are made of, in the order in which it is tried: alternatives,
    and sets of words.

    At each character only what can begin with it is tried; what that is, is looked up once for each
    character.
    """

    def __init__(
        self,
        steps: Iterable[list[PatternPart] | set[str]],
        roles: Mapping[str, TokenRole],
        kept_whole: Collection[str] = (),
    ) -> None:
        self.roles = roles
        self._never_before = _never_before(roles, kept_whole)
        self.parts: list[PatternPart] = []
        self._steps: list[range | dict[str, tuple[str, ...]]] = []
        for step in steps:
            if isinstance(step, list):
                self._steps.append(range(len(self.parts), len(self.parts) + len(step)))
                self.parts += step
            else:
                by_first: dict[str, list[str]] = {}
                for word in sorted(step, key=lambda word: (-len(word), word)):
                    by_first.setdefault(word[0], []).append(word)
                self._steps.append(
                    {character: tuple(words) for character, words in by_first.items()}
                )
        self._groups = {f"g{at}": part.role for at, part in enumerate(self.parts)}
        self._by_sign: dict[str, tuple[Step, ...]] = {}
        self._by_parts: dict[tuple[int, ...], re.Pattern[str]] = {}

    def tokens(self, text: str) -> list[Token]:
        """The text as tokens, each sign in exactly one."""
        if "." not in text or not ENDING.search(text):
            return self._tokens(text)
        tokens: list[Token] = []
        done = 0
        for found in ENDING.finditer(text):
            # The name of a file goes back to the blank or comma before it.
            start = found.start()
            while (
                start > max(done, found.start() - LONGEST_NAME)
                and text[start - 1] not in " \t\n,。"
            ):
                start -= 1
            tokens += [
                *self._tokens(text[done:start]),
                Token(TokenRole.FILE, text[start : found.end()]),
            ]
            done = found.end()
        return tokens + self._tokens(text[done:])

    def _tokens(self, text: str) -> list[Token]:
        by_sign, roles, groups, starts = self._by_sign, self.roles, self._groups, text.startswith
        never = self._never_before
        tokens: list[Token] = []
        at, end = 0, len(text)
        while at < end:
            character = text[at]
            piece, role = character, TokenRole.WORD
            for pattern, words in by_sign.get(character) or self._steps_at(character):
                if pattern is None:
                    for word in words:
                        if starts(word, at) and not (
                            word in never and starts(never[word], at + len(word))
                        ):
                            piece, role = word, roles[word]
                            break
                    else:
                        continue
                    break
                if found := pattern.match(text, at):
                    piece, role = found.group(), groups[found.lastgroup or ""]
                    break
            tokens.append(Token(role, piece))
            at += len(piece)
        return tokens

    def _steps_at(self, character: str) -> tuple[Step, ...]:
        like = "0" if character.isdecimal() else character
        found: list[Step] = []
        for step in self._steps:
            if isinstance(step, dict):
                if words := step.get(character):
                    found.append((None, words))
                continue
            tried = tuple(
                at for at in step if not self.parts[at].begins or like in self.parts[at].begins
            )
            if not tried:
                continue
            pattern = self._by_parts.get(tried)
            if pattern is None:
                pattern = re.compile(
                    "|".join(f"(?P<g{at}>{self.parts[at].body})" for at in tried), re.S
                )
                self._by_parts[tried] = pattern
            found.append((pattern, ()))
        if len(self._by_sign) >= MOST_SIGNS:
            self._by_sign.clear()
        self._by_sign[character] = tuple(found)
        return self._by_sign[character]


def _never_before(words: Iterable[str], kept_whole: Collection[str]) -> dict[str, tuple[str, ...]]:
    """What a word must not stand before, lest it bites off the beginning of a word that is kept
    whole: 累计达 before 产, of 达产.
    """
    beginnings: dict[str, set[str]] = {}
    for word in kept_whole:
        for size in range(1, len(word)):
            beginnings.setdefault(word[:size], set()).add(word[size:])
    found = {
        word: {rest for at in range(1, len(word)) for rest in beginnings.get(word[at:], ())}
        for word in words
    }
    return {word: tuple(sorted(rests)) for word, rests in found.items() if rests}


def pattern_of(words: Words) -> Pattern:
    """The alternatives for the words of a campaign."""
    roles = _roles(words)
    looked_for = {**dict.fromkeys((*words.stages, *words.categories), TokenRole.DONE), **roles}
    early = {word for word in roles if roles[word] not in LATE and _holds_another(word, looked_for)}
    late = set(roles) - early
    steps: list[list[PatternPart] | set[str]] = [
        _marks(words),
        early,
        [*_numbers(words), *_in_context(words)],
        late,
        [*_counts(words), *_signs(words)],
    ]
    own = {*words.stages, *words.categories, *words.townships, *words.aliases}
    return Pattern(
        [_that_match(step) if isinstance(step, list) else step for step in steps], roles, own
    )


def _that_match(parts: Sequence[PatternPart]) -> list[PatternPart]:
    return [part for part in parts if part.body != NEVER]


def _roles(words: Words) -> dict[str, TokenRole]:
    """The part of each word: the campaign's own words first, then those that all campaigns
    share.
    """
    roles = dict.fromkeys(words.nouns, TokenRole.NOUN)
    for word, role in words.vocabulary.roles.items():
        if role not in {TokenRole.OTHER, TokenRole.ZERO} and word not in {
            *words.stages,
            *words.categories,
            *words.units,
        }:
            roles.setdefault(word, role)
    own = {*words.townships, *words.aliases, *words.nicks}
    return {word: role for word, role in roles.items() if word and word not in own}


_KINDS = frozenset(
    {
        TokenRole.CUM,
        TokenRole.INC,
        TokenRole.REM,
        TokenRole.TARGET,
        TokenRole.DONE,
        TokenRole.QUESTION,
        TokenRole.COMMAND,
        TokenRole.PROMISE,
        TokenRole.VAGUE,
    }
)
_NUMERALS = frozenset(SIGNS)


LATE = frozenset({TokenRole.OF_A_ZERO, TokenRole.OF_THE_REST})
"""Words that must not go before a zero phrase or a stage that begins as they do."""


def _holds_another(word: str, roles: Mapping[str, TokenRole]) -> bool:
    """Whether a piece of the word would be taken for a number or for a word of another part: such
    words are tried first.
    """
    if len(word) < 2:
        return False
    if _NUMERALS & set(word):
        return True
    pieces = (
        word[at:end]
        for at in range(len(word))
        for end in range(at + 1, len(word) + 1)
        if end - at < len(word)
    )
    return any(
        roles.get(piece, roles[word]) is not roles[word] and roles.get(piece) in _KINDS
        for piece in pieces
    ) or (
        roles[word] in {TokenRole.PLAIN, TokenRole.ACT}
        and word[0] in "近均都全已较比含除由从新无没未零"
    )


def _marks(words: Words) -> list[PatternPart]:
    """Line ends, files, pictures, names, and words with a numeral in them."""
    suffix = f"(?:{any_of(words.suffixes)})"
    numbered = [
        word
        for word in words.stages
        if _NUMERALS & set(word) or any(character.isdigit() for character in word)
    ]
    stage = f"(?:{any_of(words.stages)})"
    kinds = [
        word
        for word in words.categories
        if _NUMERALS & set(word) or any(character.isdigit() for character in word)
    ]
    aliases = any_of(words.aliases)
    longer = [alias for alias in words.aliases if alias.startswith(words.townships)]
    start = r"(?:(?<=^)|(?<=[\n:;。,、 \]】])|" + behind(words.units) + ")"
    line = r"(?:(?<=^)|(?<=\n))[ \t]{0,20}"
    return [
        PatternPart(TokenRole.NEWLINE, r"\n+", frozenset("\n")),
        PatternPart(TokenRole.FILE, r"\[文件\][^\n]{0,200}", frozenset("[")),
        PatternPart(
            TokenRole.PICTURE,
            r"\[(?:图片|语音|视频|表情|动画表情|照片)\](?:\s?\d{1,4}[\"″'秒])?",
            frozenset("["),
        ),
        PatternPart(TokenRole.EMOTICON, r"\[[\u4e00-\u9fffA-Za-z]{1,6}\]", frozenset("[")),
        PatternPart(
            TokenRole.CALLED,
            rf"@(?:所有人|全体成员|全体|{any_of([*words.nicks, *words.office])}|[^\s,:。;!?]{{1,20}}(?=[\s:]|$))",
            frozenset("@"),
        ),
        PatternPart(TokenRole.NICK, any_of(words.nicks), firsts(words.nicks)),
        PatternPart(
            TokenRole.TOWN,
            f"(?:{any_of(longer)}|{any_of(words.townships)}"
            + (rf"|(?:{aliases})(?!{suffix}|村)" if words.aliases else "")
            + ")",
            firsts((*words.townships, *words.aliases)),
        ),
        PatternPart(
            TokenRole.NOT_A_TOWN,
            rf"(?:{aliases}){suffix}" if words.aliases else NEVER,
            firsts(words.aliases),
        ),
        PatternPart(
            TokenRole.STAGE,
            rf"(?:{any_of(numbered)}){stage}{{0,4}}" if numbered else NEVER,
            firsts(numbered),
        ),
        PatternPart(TokenRole.CATEGORY, any_of(kinds), firsts(kinds)),
        PatternPart(
            TokenRole.REM,
            rf"(?:其余|其他|其它|另外|剩下)的?(?=\s?{NUMBER}\s?(?:{any_of(words.units)}))",
            frozenset("其另剩"),
        ),
        PatternPart(
            TokenRole.INDEX,
            rf"(?:(?:(?<=^)|(?<=[\n:;。]))[ \t]{{0,20}}(?:\d{{1,3}}|[一二三四五六七八九十]{{1,2}})[、.)](?!\d)"
            rf"|{line}\d{{1,3}}:(?=\s?[\u4e00-\u9fff])"
            rf"|{line}\d{{1,3}}[ \t]{{1,4}}(?=(?:{any_of([*words.nicks, *words.townships, *words.aliases])})[^\n]{{0,40}}\d)"
            rf"|{start}[一二三四五六七八九十]是(?=[\u4e00-\u9fff])"
            rf"|\((?:\d{{1,2}}|[一二三四五六七八九十])\)(?=[\u4e00-\u9fffA-Z])(?![日号]|{any_of(words.units)})"
            rf"|{start}\d?{ODD_NUMBER}\s?(?=[\u4e00-\u9fffA-Z])(?!{any_of(words.units)}))",
            NUMERIC | frozenset(" \t(" + ODD_NUMBER),
        ),
        PatternPart(
            TokenRole.LABELLED,
            rf"(?:(?<=\()|(?<=[、,]))[{SURNAMES}][\u4e00-\u9fff]{{1,2}}(?:{any_of(words.units)})?(?=[、,)])",
            frozenset(SURNAMES),
        ),
        PatternPart(
            TokenRole.LABELLED,
            rf"第?(?:\d{{1,3}}|[{SIGNS}]{{1,3}})(?:组|社|队|栋|幢|巷|弄|单元|号院)\s?\d{{1,4}}号(?:楼|房|院)?|"
            r"(?:房号|门牌号?|编号|户号|合同号?|文号|身份证号?码?|卡号|账号|电话号?码?|手机号?码?|微信号|QQ)[:：]?\s?[0-9A-Za-z-]{1,40}+"
            rf"(?!\s?(?:{any_of(words.units)}))"
            r"|[(\[【〔]\d{4}[)\]】〕]\s?第?\d{1,6}号(?:文件?|通知)?",
            NUMERIC | frozenset("第房门编户合文身卡账电手微Q([【〔"),
        ),
    ]


def _numbers(words: Words) -> list[PatternPart]:
    """Dates, times, and numbers that are written in more than one piece."""
    stage = f"(?:{any_of(words.stages)})"
    one = f"(?:{any_of(words.units)})"
    nouns = any_of(noun for noun in words.nouns if len(noun) > 1 and noun not in words.units)
    units = words.vocabulary.of("units")
    measures = any_of(unit for unit in units if unit not in {*words.units, *OF_TIME})
    counted = rf"{DIGITS}\s?{one}?"
    numeral_of_time = rf"(?:\d{{1,2}}|[{SIGNS}]{{1,3}})"
    return [
        PatternPart(
            TokenRole.DATE, r"(?<!\d)20\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?!\d)", DECIMAL
        ),
        PatternPart(
            TokenRole.LONG,
            rf"\d{{7,}}+[xX]?(?!\s?(?:万|{one})|\.\d)(?![.,]\d)|\d{{3,4}}-\d{{7,8}}",
            DECIMAL,
        ),
        PatternPart(
            TokenRole.DATE,
            rf"(?:(?:\d{{4}}|[{SIGNS}]{{4}})年)?(?:\d{{1,2}}|[{SIGNS}]{{1,3}})月(?:份)?(?:\d{{1,2}}|[{SIGNS}]{{1,4}})[日号]?(?!\d|[{SIGNS}]|{one})"
            rf"|\d{{4}}[-/.]\d{{1,2}}[-/.]\d{{1,2}}(?!\d)"
            rf"|(?<![\d.])\d{{1,2}}\.\d{{1,2}}(?![\d.%]|\s?{one}|\s?/\s?\d|{measures}|万)|[(]?{numeral_of_time}[)]?[日号](?!楼|房|院)"
            rf"|(?<![\d-])\d{{1,2}}-\d{{1,2}}(?=\s?(?:日报|进度|[】\])]))",
            NUMERIC | frozenset("("),
        ),
        PatternPart(
            TokenRole.NOUN, rf"(?:{any_of(map(str, words.years))})年度?(?={nouns})", DECIMAL
        ),
        PatternPart(TokenRole.MONTH, r"\d{4}年(?:\d{1,2}月)?|\d{1,2}月份?", DECIMAL),
        PatternPart(
            TokenRole.WEEKDAY, r"(?:星期|礼拜|周)[一二三四五六日天](?![0-9])", frozenset("星礼周")
        ),
        PatternPart(
            TokenRole.TIME,
            rf"\d{{1,2}}:\d{{2}}(?::\d{{2}})?|{numeral_of_time}(?:点半|点钟|点(?:\d{{1,2}}|[{SIGNS}]{{1,3}})?分?|时(?!间)(?:\d{{1,2}}分)?)",
            NUMERIC,
        ),
        PatternPart(
            TokenRole.PERCENT,
            rf"{DIGITS}\s?%|百分之{NUMERAL}(?:点{NUMERAL})?|百分之{DIGITS}",
            DECIMAL | frozenset("百"),
        ),
        PatternPart(
            TokenRole.PART_OF, rf"(?:\d|[{SIGNS}]){{1,12}}分之(?:\d|[{SIGNS}]){{1,12}}", NUMERIC
        ),
        PatternPart(TokenRole.SHARE, rf"(?:\d|[{SIGNS}]){{1,3}}成", NUMERIC),
        PatternPart(
            TokenRole.CHANGED,
            rf"(?:由|从|把|将)?{counted}{INSTEAD}{counted}|不是{counted}[,，]?\s?(?:而?是|应为|应该?是){counted}"
            rf"|(?:应该?)?是{counted}[,，]?\s?(?:而)?不是{counted}|(?:不是|报成了?|错报[成为]?|误报[成为]?|写成了?|错写成|原报[的为成]?|原来报的?|原数据?为?){counted}(?:有误|错误)?",
            DECIMAL | frozenset("由从把将不应是报错误写原"),
        ),
        PatternPart(
            TokenRole.RANGE, rf"{NUMBER}\s?{one}?\s?(?:[-~—]|至|到)\s?{NUMBER}\s?{one}", NUMERIC
        ),
        PatternPart(TokenRole.SPLIT, rf"\d{{1,9}} {{1,9}}\d{{1,9}}(?=\s?{one})", DECIMAL),
        PatternPart(
            TokenRole.ARROW,
            rf"(?:由|从){counted}(?:增加到|增加至|增至|升至|升到){DIGITS}(?:\s?{one})?|{DIGITS}\s?(?:→|->|=>|⇒)\s?{DIGITS}(?:\s?{one})?",
            DECIMAL | frozenset("由从"),
        ),
        PatternPart(
            TokenRole.SUM, rf"{DIGITS}\s?\+\s?{DIGITS}\s?=\s?{DIGITS}(?:\s?{one})?", DECIMAL
        ),
        PatternPart(TokenRole.FRACTION, rf"{DIGITS}\s?{one}?\s?/\s?{DIGITS}(?:\s?{one})?", DECIMAL),
        PatternPart(
            TokenRole.PLAIN,
            r"(?:马上|现在|这就)报(?=:)|(?:马上|这就|立即|立刻|稍后|随后|待会|待会儿|等会|等会儿|一会儿?|晚点)(?:统计)?(?:上?报|汇报|报送|统计|核实|发)(?:给您|过来|来)?(?=$|[,。;!\s])"
            r"|含(?=今|新增|当)|(?:以下|下面|下列)(?=乡|镇|为|是|单位|几|各)|(?:(?<=^)|(?<=[\n,。;:]))以上(?=情况|数据|为|报|是|乡|镇|单位|各|几|合计|总计|共计|小计|一共|总共|共|累计|$|[。!\n])"
            r"|(?<=[时点分半])之?前(?=上?报|汇报|报送|填报|统计|汇总)",
            frozenset("马现这含以立稍随待等一晚下之前"),
        ),
        PatternPart(
            TokenRole.ORDINAL, rf"第\s?{NUMBER}\s?(?:{one}|名|位|期|批|次|一)?", frozenset("第")
        ),
        PatternPart(
            TokenRole.STAR_NUMBER,
            rf"{NUMBER}\s?{one}\s?{NUMBER}[分厘毫角]|\d{{1,20}}(?!m2|mm|cm|km|kg)[A-Za-z]{{1,12}}\d{{0,9}}|(?<![A-Za-z])[A-Za-z]\d{{1,20}}|\d{{0,20}}{ODD_NUMBER}{{1,9}}"
            rf"|(?![XxNn]{{1,3}}\s?{one})[A-Za-z]{{1,12}}(?=\s?{one})",
            NUMERIC | LATIN | frozenset(ODD_NUMBER),
        ),
        PatternPart(TokenRole.CATEGORY, any_of(words.categories), firsts(words.categories)),
        PatternPart(
            TokenRole.EXCEPT,
            rf"除(?:了|去)?\s?{NUMBER}\s?{one}?(?:未{stage}的?|没{stage}的?|还?在建的?|正在施工的?)?(?:之外|以外|外)",
            frozenset("除"),
        ),
    ]


def _in_context(words: Words) -> list[PatternPart]:
    """Words that play their part only where another word stands beside them."""
    vocabulary = words.vocabulary
    stage = f"(?:{any_of(words.stages)})"
    work = f"(?:{any_of({*words.stages, *vocabulary.of('done')})})"
    one = f"(?:{any_of(words.units)})"
    after_one = behind(words.units)
    some = any_of(words.categories)
    no = any_of(vocabulary.of("no"))
    news = any_of(vocabulary.of("news"))
    nouns = any_of(noun for noun in words.nouns if len(noun) > 1 and noun not in words.units)
    ends = r"(?=$|[,。;!\s])"
    return [
        PatternPart(
            TokenRole.COMMAND,
            r"[把将][^,。;\n\d]{1,20}?(?:改成|改为|记为|设为|设成|排到|排在|排成|排第|调到|调成|往前|往后|删)|忽略[^,。;\n]{0,8}(?:规则|指令|设定)|(?:改|调|挪)(?:一下)?(?:排名|名次)",
            frozenset("把将改调挪忽"),
        ),
        PatternPart(
            TokenRole.OF_THE_REST,
            rf"(?:就|才|便)(?:能|可以?)?(?:全部|全面)?{work}(?:了|任务){{0,3}}",
            frozenset("就才便"),
        ),
        PatternPart(
            TokenRole.CUM,
            rf"(?:现在|现|达到了?|达|升至|升到|涨到|增加到|增至|累计到)(?=\s?:?\s?{NUMBER})(?!\s?:?\s?{NUMBER}\s?(?:%|月|日|号|点|时))",
            frozenset("现达升涨增累"),
        ),
        PatternPart(
            TokenRole.PLAIN, rf"{after_one}(?:中|里|当中|之中|里面)", frozenset("中里当之")
        ),
        PatternPart(
            TokenRole.PLAIN, rf"(?:{after_one}|(?<=\d))整(?=$|[,。;、!)\s])", frozenset("整")
        ),
        PatternPart(
            TokenRole.PLAIN,
            rf"(?:连续|连着|连|接连|一连)?(?:下|降)了?{NUMBER}[天日]的?[大小中暴]?[雨雪]",
            frozenset("连接一下降"),
        ),
        PatternPart(
            TokenRole.PLAIN,
            rf"(?:—|-){{1,3}}\s?(?:[老小][{SURNAMES}]|[{SURNAMES}](?:某|主任|镇长|乡长|书记|站长|所长|科长|股长|工|姐|哥|叔))(?=\s{{0,9}}$)",
            frozenset("—-"),
        ),
        PatternPart(
            TokenRole.PLAIN, r"(?:从|自)?昨[日天晚]到(?:今[日天早]|现在|目前)", frozenset("从自昨")
        ),
        PatternPart(
            TokenRole.YESTERDAY,
            rf"(?:加上?|连同|算上)?(?:原来|原有|原先|先前|此前|早先|(?:之前|以前|前面)(?=的)|(?<=[加连算上同])(?:之前|以前|前面))(?:累计|已有|有)?的?(?=\s?{NUMBER}\s?{one})",
            frozenset("加连算原先此早之以前"),
        ),
        PatternPart(
            TokenRole.CUM,
            rf"(?:还是|仍是|仍为|仍然是|依然是|依旧是|保持在?|维持在?|停留在)(?=\s?{NUMBER})",
            frozenset("还仍依保维停"),
        ),
        PatternPart(
            TokenRole.TARGET,
            r"应(?!为|该|是|急|对|当|用|有尽有)[\u4e00-\u9fff]{0,5}?(?:户数|人数|总数|数量|数|任务)?(?=的?:?\s?\d)",
            frozenset("应"),
        ),
        PatternPart(
            TokenRole.VAGUE,
            rf"(?:还没有?|没有?|尚无|尚未有?|无|未有)一{one}",
            frozenset("还没尚无未"),
        ),
        PatternPart(
            TokenRole.ALL_THOSE, rf"(?:均已经?|都已经?|均|都)(?={stage})", frozenset("均都")
        ),
        PatternPart(
            TokenRole.ALL,
            rf"(?:任务)?{BY_NOW}{EVERY}(?:已经?)?{work}{{1,4}}(?:了|任务){{0,3}}|{work}(?:任务)?(?:现?已经?)?全部(?:结束|任务)"
            rf"|{work}了?(?:全部|所有)(?:的)?(?:改造)?任务|已经?{work}了?(?:全部|所有|既定|下达)?的?(?:目标)?任务{ends}",
            frozenset("任现已均都全悉") | firsts((*words.stages, *vocabulary.of("done"))),
        ),
        PatternPart(
            TokenRole.OF_THE_WORK, rf"{behind(words.stages)}(?:人员|对象|户主)", frozenset("人对户")
        ),
        PatternPart(
            TokenRole.KIND_OF, rf"(?:均|都|全|全部)(?:是|为|属|属于)(?:{some})", frozenset("均都全")
        ),
        PatternPart(
            TokenRole.ZERO,
            rf"(?:暂时?|仍|依然|还是)?(?:{no})(?:任何|什么|啥|新的|明显|大的?)?(?:{news})|未新增|[零0]\s?报告"
            r"|(?:数据|数字|进度)?(?:与|和|跟|同)(?:昨[日天]|前一天)(?:数据|数字|进度)?(?:一致|相同|一样|持平)"
            r"|同昨[日天]|没变(?!化)|(?:数据|数字|进度|累计数?)(?:还是|仍然?|依然|依旧|都)?(?:没有?|未)(?:动|变|涨|增)(?=$|[,。;!\s])|(?:数据|数字|进度)(?:保持|维持)?不变|(?:保持|维持)不变"
            rf"|零(?={work}|{nouns})|0(?=新增|进展|增长)|{after_one}(?:仍|仍然|保持|数据)?不变|(?:没有?|无|未有?)新(?:增)?(?={stage})|无(?={stage}(?:$|[,。;、!\s]))"
            rf"|今[日天][^,。;\d\n]{{0,6}}?(?:没有?|未|无)(?:新)?(?={stage}(?:的|{one})?(?:$|[,。;!\s]))",
            firsts(vocabulary.of("no")) | frozenset("暂仍依还未零0数进累与和跟同没保维不无今"),
        ),
        PatternPart(TokenRole.IN_PROGRESS, rf"施工(?=\s?:?\s?{NUMBER}\s?{one})", frozenset("施")),
        PatternPart(
            TokenRole.PROMISE,
            rf"(?<=[日号底旬末])前|{NUMBER}(?:天|日|周)(?:之)?内|月底|年底",
            NUMERIC | frozenset("前月年"),
        ),
        PatternPart(
            TokenRole.VAGUE,
            rf"(?:{after_one}|(?<=\d))(?:以上|以下)|近(?=\s?(?:\d|[{SIGNS}]))|{after_one}[多余]|(?:\d|[{SIGNS}]){{1,12}}[多余来几](?={one})|{DIGITS}\s?万?[多余来几](?=万|{one})",
            NUMERIC | frozenset("以近多余"),
        ),
        PatternPart(
            TokenRole.TITLE,
            rf"今[日天](?![^,。;:\n\d]{{0,8}}(?:新增|增加|{stage}))[^,。;:无没未零暂\n\d]{{0,8}}(?:{TITLES}(?:如下)?:|{TITLES}(?=[】\])\n]|$))",
            frozenset("今"),
        ),
        PatternPart(TokenRole.ENDED, r"(?:任务|工作)全部结束", frozenset("任工")),
        PatternPart(
            TokenRole.ALREADY, rf"已(?=报)|已经?(?={work}|\s?{NUMBER}|{some})", frozenset("已")
        ),
        PatternPart(TokenRole.EVERY, rf"全部(?=\s?{NUMBER}\s?{one})", frozenset("全")),
        PatternPart(TokenRole.INC, r"(?:较|比)昨[日天](?:净?新?增加?|多)?", frozenset("较比")),
        PatternPart(TokenRole.INC, rf"(?<=[今日天又再,])加(?:了)?(?=\s?{NUMBER})", frozenset("加")),
        PatternPart(TokenRole.STAGE, rf"{stage}{{1,6}}", firsts(words.stages)),
        PatternPart(TokenRole.REM, rf"无(?={some})", frozenset("无")),
        PatternPart(TokenRole.REM, rf"差(?=\s?{NUMBER})", frozenset("差")),
    ]


def _counts(words: Words) -> list[PatternPart]:
    one = f"(?:{any_of(words.units)})"
    units = any_of(unit for unit in words.vocabulary.of("units") if unit not in words.units)
    return [
        PatternPart(TokenRole.COUNT, rf"(?:{DIGITS}\s?万?|{NUMERAL})\s?{one}", NUMERIC),
        PatternPart(TokenRole.OTHER, rf"{NUMBER}\s?万?(?:{units})", NUMERIC),
        PatternPart(TokenRole.NUMBER, rf"{DIGITS}万?", DECIMAL),
        PatternPart(TokenRole.WORDNUMBER, rf"{NUMERAL}(?=\s{{0,9}}(?:$|[,。;、\n)\]|¦]))", NUMERIC),
    ]


def _signs(words: Words) -> list[PatternPart]:
    named = f"(?:{any_of([*words.categories, *words.stages])})"
    return [
        PatternPart(TokenRole.PLUS, r"\+", frozenset("+")),
        PatternPart(TokenRole.MINUS, r"-(?=\d)", frozenset("-")),
        PatternPart(TokenRole.PLAIN, r"-", frozenset("-")),
        PatternPart(TokenRole.OPEN, r"[(\[【《「“〔]", frozenset("([【《「“〔")),
        PatternPart(TokenRole.CLOSE, r"[)\]】》」”〕]", frozenset(")]】》」”〕")),
        PatternPart(TokenRole.COMMA, r"[,、|¦;]", frozenset(",、|¦;")),
        PatternPart(TokenRole.STOP, r"[。!?]", frozenset("。!?")),
        PatternPart(TokenRole.SPACE, r"[ \t]+", frozenset(" \t")),
        PatternPart(
            TokenRole.VILLAGE,
            rf"(?:(?!{named})[\u4e00-\u9fff]){{1,4}}?(?:(?<![农镇乡])村(?![镇级里民改])|社区)(?:委会|民小组)?",
            ANY,
        ),
    ]
