"""Cases named in chat: by code or by the whole name of their person, exact, never the nearest; and
batches told of as done.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from bot.domain.campaigns.campaign import Campaign, RegisterKey, StageKey, TownshipName
from bot.domain.campaigns.register import Mouth, Register, RegisterStage
from bot.domain.registers.case import CaseCode, Paid, code_patterns

HAN = "㐀-䶿一-鿿"
_NUMERALS = {sign: number for number, sign in enumerate("一二三四五六七八九十", 1)} | {"两": 2}
_TAIL = re.compile(
    r"[(（]?(?:身份证)?号?(?:后四位|尾号|末四位|最后四位)[:为是]?(\d{3}[\dXx])[)）]?"
)
_COUNT = re.compile(r"(\d+|[一二两三四五六七八九十])户")
_BATCH = re.compile(r"第(\d+|[一二三四五六七八九十])批")
_DAY = re.compile(r"(?:(\d{4})年)?(\d{1,2})月(\d{1,2})[日号]")
_PROMISE = re.compile(
    r"预计|计划|将于|将在|争取|力争|准备|打算|拟于|拟在|预期|有望|明天|明日|后天|下周|下月"
)
_NOT = re.compile(r"尚?未|还?没有?|不能|无法")
_VAGUE = re.compile(r"基本|大致|大体|差不多|接近|即将|快要|快|大概|应该|可能|左右|好像|估计")
_PART = re.compile(r"主体|墙体|屋面|屋顶|地基|基础|部分|局部|一层|二层|封顶|框架|收尾")
_QUESTION = re.compile(r"[?？]|吗|是否|怎么|什么时候")
_ALL = re.compile(r"全部|均已|都已|全已|已全")
_JOINED = "、,，和及与;；"
_BEFORE = "村镇乡场道区组社主户人:：日天号是的"
_AFTER = "户家的已今昨两二三四五六七八九十等于全均都房完竣开动验补基主预计将放也未没还正现在改建了刚提住危农"
_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江"
    "尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝"
)


@dataclass(frozen=True, kw_only=True)
class KnownCase:
    """A case as a message is read against: where it is, its last four characters, what is proved
    and paid of it.
    """

    code: CaseCode
    township: TownshipName
    tail: str = ""
    stages: Mapping[StageKey, date] = field(default_factory=dict)
    paid: Paid | None = None


@dataclass(frozen=True, kw_only=True)
class KnownCases:
    """The cases of a register that a message may name. `named` gives those whose person bears
    exactly that name.
    """

    cases: Mapping[CaseCode, KnownCase]
    named: Callable[[str], Sequence[KnownCase]]
    places: frozenset[str] = frozenset()  # villages, which may stand before a name


@dataclass(frozen=True, kw_only=True)
class CaseClaim:
    """申报: that a case reached a stage on a day; or, without a case, that so many of a township's
    batch did.
    """

    register: RegisterKey
    stage: StageKey
    day: date
    case: CaseCode | None = None
    township: TownshipName | None = None
    batch: int | None = None
    count: int | None = None


@dataclass(frozen=True, kw_only=True)
class CaseReading:
    """What a message that names cases says. `outcome` is accept, ask or none; `why` names the
    reason of the latter two.

    `increment` are so many more of a stage told in the same words, `rest` the message without whom
    it names.
    """

    outcome: str
    claims: tuple[CaseClaim, ...] = ()
    why: str = ""
    cases: tuple[CaseCode, ...] = ()
    increment: tuple[StageKey, int] | None = None
    rest: str = ""


ACCEPT, ASK, NONE = "accept", "ask", "none"


class _Stop(Exception):
    """The reading ends here: with what outcome, and why."""

    def __init__(self, outcome: str, why: str, cases: Sequence[CaseCode] = ()) -> None:
        super().__init__(why)
        self.outcome, self.why, self.cases = outcome, why, tuple(cases)


def read_cases(
    campaign: Campaign, register: Register, text: str, sender: str, at: datetime, known: KnownCases
) -> CaseReading | None:
    """What a message says of single cases or of a whole batch; None when it names neither and is
    read as figures alone.
    """
    reader = _Reader(campaign, register, text, sender, at, known)
    try:
        return reader.read()
    except _Stop as stop:
        return CaseReading(outcome=stop.outcome, why=stop.why, cases=stop.cases, rest=reader.rest)


class _Reader:
    def __init__(
        self,
        campaign: Campaign,
        register: Register,
        text: str,
        sender: str,
        at: datetime,
        known: KnownCases,
    ) -> None:
        self.campaign, self.register, self.known = campaign, register, known
        self.sent = at.astimezone(campaign.timezone).date()
        self.office = sender in campaign.office_staff
        self.township = next(
            (
                township.name
                for township in campaign.townships
                if any(contact.nick == sender for contact in township.contacts)
            ),
            None,
        )
        self.rest = "".join(unicodedata.normalize("NFKC", text).split())
        self.tail = ""
        self.unknown = ""

    def read(self) -> CaseReading | None:
        if found := _TAIL.search(self.rest):
            self.tail = found[1].upper()
            self.rest = self.rest.replace(found[0], "", 1)
        by_name = self.campaign.proof.names_in_chat
        named = [*self._codes(), *(self._names() if by_name else ())]
        if not named and by_name:
            self.unknown = self._unknown_name()
        batch = None if named or self.unknown else self._batch()
        if not named and not self.unknown and batch is None:
            return None
        stages = self._stages()
        if not stages and not self._leaves():
            return None
        self._allowed(stages)
        if batch is not None:
            return self._of_batch(stages[0], batch)
        return self._of_cases(stages[0], [self._one(candidates) for candidates in named])

    # -- who is named

    def _codes(self) -> Iterator[tuple[KnownCase, ...]]:
        for pattern, prefix in code_patterns(self.register):
            for found in re.finditer(rf"(?<![0-9A-Za-z-]){pattern}(?![0-9A-Za-z-])", self.rest):
                code = CaseCode(prefix + found[0].upper())
                self.rest = self.rest.replace(found[0], " ", 1)
                case = self.known.cases.get(code)
                if case is None:
                    raise _Stop(ASK, "case_unknown")
                yield (case,)

    def _names(self) -> list[tuple[KnownCase, ...]]:
        """The whole names in the message, each with the cases that bear it; the longest wins."""
        found: list[tuple[KnownCase, ...]] = []
        for length in (4, 3, 2):
            place = 0
            while place + length <= len(self.rest):
                name = self.rest[place : place + length]
                if re.fullmatch(f"[{HAN}]+", name) and self._stands_alone(place, length):
                    bearers = tuple(self.known.named(name))
                    if bearers:
                        found.append(bearers)
                        self.rest = f"{self.rest[:place]} {self.rest[place + length :]}"
                        continue
                place += 1
        return found

    def _stands_alone(self, place: int, length: int) -> bool:
        """Whether what stands there is a word of its own, and not a part of a longer name."""
        before, after = self.rest[:place], self.rest[place + length :]
        starts = (
            not before
            or before[-1] in _BEFORE + _JOINED
            or not re.match(f"[{HAN}]", before[-1])
            or any(before.endswith(known) for known in self._places())
        )
        ends = not after or after[0] in _AFTER + _JOINED or not re.match(f"[{HAN}]", after[0])
        return starts and ends

    def _places(self) -> Iterator[str]:
        for township in self.campaign.townships:
            yield township.name
            yield from township.aliases
        yield from self.known.places

    def _unknown_name(self) -> str:
        """A name nobody of the register bears, if the message plainly speaks of one: a surname, one
        to three characters, 户.
        """
        text = self.rest
        for known in sorted(self._places(), key=len, reverse=True):
            text = text.replace(known, " ")
        for found in re.finditer(
            rf"(?:^|[^{HAN}])([{HAN}]{{2,4}})[户家](?![{HAN}]*[:：]?\d)", text
        ):
            if found[1][0] in _SURNAMES and not _COUNT.fullmatch(found[1] + "户"):
                return found[1]
        return ""

    def _one(self, candidates: Sequence[KnownCase]) -> KnownCase:
        """The one case that is meant, of those that bear the name or the code."""
        here = [case for case in candidates if self.office or case.township == self.township]
        if self.office and len(here) > 1:
            said = [case for case in here if self._says_township(case.township)]
            here = said or here
        if not here:
            raise _Stop(ASK, "other_township", [case.code for case in candidates])
        if self.tail:
            here = [case for case in here if case.tail == self.tail]
            if not here:
                raise _Stop(ASK, "id_tail_differs")
        if len(here) > 1:
            raise _Stop(ASK, "several", [case.code for case in here])
        return here[0]

    def _says_township(self, name: TownshipName) -> bool:
        township = self.campaign.township(name)
        return any(word in self.rest for word in (township.name, *township.aliases))

    # -- what is said of them

    def _stages(self) -> list[RegisterStage]:
        words = {word: stage for stage in self.register.stages for word in self._words(stage)}
        found: dict[StageKey, RegisterStage] = {}
        text = self.rest
        for word in sorted(words, key=len, reverse=True):
            if word in text:
                found[words[word].key] = words[word]
                text = text.replace(word, " ")
        return [stage for stage in self.register.stages if stage.key in found]

    def _words(self, stage: RegisterStage) -> tuple[str, ...]:
        own = next((one for one in self.campaign.stages if one.key == stage.key), None)
        return (*stage.words, *(own.words if own else ()))

    def _leaves(self) -> bool:
        return any(word in self.rest for column in self.register.columns for word in column.leaving)

    def _allowed(self, stages: Sequence[RegisterStage]) -> None:
        """Stops at everything that makes the words no certain report of this sender."""
        if self.township is None and not self.office:
            raise _Stop(ASK, "unknown_sender")
        if self.unknown:
            raise _Stop(ASK, "case_unknown")
        if self._leaves():
            raise _Stop(ASK, "leaving")
        if _PROMISE.search(self.rest):
            raise _Stop(NONE, "promise")
        if _QUESTION.search(self.rest) or _NOT.search(self.rest):
            raise _Stop(NONE, "not_done")
        if _VAGUE.search(self.rest):
            raise _Stop(ASK, "vague")
        if _PART.search(self.rest):
            raise _Stop(ASK, "part")
        if any(stage.proof is Mouth.BANK for stage in stages):
            raise _Stop(NONE, "bank")
        if len(stages) > 1:
            raise _Stop(ASK, "several_stages")

    def _day(self) -> date:
        if found := _DAY.search(self.rest):
            year, month, day = found.groups()
            try:
                said = date(int(year or self.sent.year), int(month), int(day))
            except ValueError:
                raise _Stop(ASK, "date_impossible") from None
            if said > self.sent:
                raise _Stop(ASK, "date_future")
            return said
        if "前天" in self.rest:
            return self.sent - timedelta(days=2)
        return self.sent - timedelta(days=1) if "昨" in self.rest else self.sent

    def _of_cases(self, stage: RegisterStage, cases: Sequence[KnownCase]) -> CaseReading:
        day = self._day()
        meant = {case.code: case for case in cases}  # a name and its code are one case
        counted = self._counted(stage)
        if counted and _number(counted[1]) != len(meant):
            raise _Stop(ASK, "count_differs", list(meant))
        for case in meant.values():
            self._in_order(stage, case, day)
        new = [case for case in meant.values() if stage.key not in case.stages]
        if not new:
            raise _Stop(NONE, "stands", list(meant))
        if not (stage.told or self.office):
            raise _Stop(NONE, "office_alone", list(meant))
        told_first = counted is not None and re.search(
            rf"(?:{'|'.join(map(re.escape, self._words(stage)))}){re.escape(counted[0])}[:：]",
            self.rest,
        )
        return CaseReading(
            outcome=ACCEPT,
            claims=tuple(
                CaseClaim(
                    register=self.register.key,
                    stage=stage.key,
                    day=day,
                    case=case.code,
                    township=case.township,
                )
                for case in new
            ),
            increment=(stage.key, len(meant)) if told_first else None,
            rest=self.rest,
        )

    def _counted(self, stage: RegisterStage) -> re.Match[str] | None:
        """The number of cases the message gives, which is no part of the stage's own words
        (一户一码).
        """
        spans = [
            found.span()
            for word in self._words(stage)
            for found in re.finditer(re.escape(word), self.rest)
        ]
        for found in _COUNT.finditer(self.rest):
            if not any(start <= found.start() and found.end() <= end for start, end in spans):
                return found
        return None

    def _in_order(self, stage: RegisterStage, case: KnownCase, day: date) -> None:
        """Stops where a stage is told before the one it follows, or on a day before it."""
        if stage.key in case.stages:
            return
        for earlier in self.register.stages:
            if earlier.key == stage.key:
                return
            reached = case.stages.get(earlier.key)
            if reached is None:
                raise _Stop(
                    ASK, "not_paid" if earlier.proof is Mouth.BANK else "stage_skipped", [case.code]
                )
            if day < reached:
                raise _Stop(ASK, "date_order", [case.code])

    # -- a whole batch

    def _batch(self) -> int | None:
        """The number of the batch the message tells of; 0 where it tells of the stage without any;
        None for another message.
        """
        if self._after_bank() is None:
            return None
        if found := _BATCH.search(self.rest):
            return _number(found[1])
        stage = self._after_bank()
        bare = self.rest
        for word in sorted(self._words(stage), key=len, reverse=True) if stage else ():
            bare = bare.replace(word, "")
        return 0 if bare != self.rest and re.fullmatch("[已均都全部了。.!,，]*", bare) else None

    def _after_bank(self) -> RegisterStage | None:
        """The stage told of by batches: the one that follows the bank's."""
        paid = False
        for stage in self.register.stages:
            if paid:
                return stage
            paid = stage.proof is Mouth.BANK
        return None

    def _of_batch(self, stage: RegisterStage, batch: int) -> CaseReading:
        if stage is not self._after_bank():
            raise _Stop(ASK, "batch_of_stage")
        if batch == 0:
            raise _Stop(ASK, "batch_missing")
        day = self._day()
        held = [
            case
            for case in self.known.cases.values()
            if case.township == self.township
            and case.paid
            and case.paid.batch == batch
            and case.paid.day <= self.sent
        ]
        if not held or self.township is None:
            raise _Stop(ASK, "batch_unpaid")
        counted = self._counted(stage)
        if counted is None and not _ALL.search(self.rest):
            raise _Stop(ASK, "batch_part")
        if counted is not None and _number(counted[1]) != len(held):
            raise _Stop(ASK, "batch_count")
        claim = CaseClaim(
            register=self.register.key,
            stage=stage.key,
            day=day,
            township=self.township,
            batch=batch,
            count=len(held),
        )
        return CaseReading(
            outcome=ACCEPT, claims=(claim,), cases=tuple(case.code for case in held), rest=self.rest
        )


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else _NUMERALS[text]
