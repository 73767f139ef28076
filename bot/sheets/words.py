"""Words in cells: without the blanks, marks and zero-width characters that people and programs put
among them.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_TOTAL = re.compile(
    r"(?:全[市县区州盟旗省镇乡街]|[^:,;]{0,12}?(?:合计|总计|小计|共计|总数|汇总|总和))(?:\([^)]*\))?:?"
    r"|(?:sub)?total:?|sum:?"
)
_PART = re.compile("小计|subtotal|本页")
_FOOTER = re.compile(
    r"(?:填报|填表|制表|制单|审核|审签|复核|校对|经办|统计|报送|汇报|联系|负责|分管|主管|主要|单位|领导|签字|签章|盖章|日期|时间)"
    r"[^:]{0,10}:.*"
    r"|(?:备注|注|附注|说明|填表说明|填报说明|附|附件|注意)[0-9一二三四五六七八九十]?[:.、,(].*"
    r"|[注※*★▲●].{6,}"
    r"|(?:填报人|填表人|制表人|审核人|审签人|复核人|经办人|统计人|单位负责人|分管领导签字|主要领导签字).*",
    re.DOTALL,
)


@lru_cache(maxsize=16_384)
def seen(text: str) -> str:
    """The text in one form: NFKC, no zero-width characters, a single blank where there were several
    or a line ended.
    """
    plain = unicodedata.normalize("NFKC", text)
    if not plain.isascii():
        plain = "".join(character for character in plain if unicodedata.category(character) != "Cf")
    return " ".join(plain.split())


def joined(text: str) -> str:
    """The text in one form without any blank."""
    return seen(text).replace(" ", "")


def is_total(text: str) -> bool:
    """Whether a label says that its row adds up others: 合 计, 东片小计, 全县."""
    return _TOTAL.fullmatch(joined(text).lower()) is not None


def is_part_total(text: str) -> bool:
    """Whether a total is one of a part only: 小计."""
    return _PART.search(joined(text).lower()) is not None


def is_footer(text: str) -> bool:
    """Whether a cell begins what stands below a table: who filled it in, notes."""
    return _FOOTER.fullmatch(joined(text)) is not None
