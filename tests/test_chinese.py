"""Chinese is said in `config/wording/` alone; code holds no Chinese but what it recognises in what
people and platforms write.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]")
"""Signs that are words. The marks between them (、 ： 【】) are typography, as commas are."""

WORDING = "config/wording/"
RECOGNISED: Mapping[str, str] = {
    "bot/actions/replies/hear.py": "shows the reader a file as chats write it down, for the reader to recognise",
    "bot/actions/replies/spreadsheet.py": "heads, units and days of the sheets that townships keep",
    "bot/channels/dingtalk/push.py": "the platform's answer to a clock that is out",
    "bot/channels/feishu/message.py": "shows the reader a mention of everybody as chats write it down",
    "bot/domain/money/amounts.py": "units of amounts in files of banks and of finance; the numerals of amounts, as others have digits",
    "bot/domain/money/bank_file.py": "rows of totals in files of banks",
    "bot/domain/money/list_table.py": "batches, units and counts in lists of payments",
    "bot/domain/money/reasons.py": "the right name, where a bank's reason tells it",
    "bot/domain/registers/cells.py": "days, units, yes, no and nothing in the cells of registers",
    "bot/domain/registers/intake.py": "numbers of papers, and words with their contrary, in the cells of registers",
    "bot/domain/registers/naming.py": "names, villages and counts of households in messages",
    "bot/domain/registers/reading.py": "titles and rows of totals in tables of registers",
    "bot/domain/replies/reading/chat.py": "who said what when in a pasted chat",
    "bot/domain/replies/reading/chat_moments.py": "days and hours in a pasted chat",
    "bot/domain/replies/reading/conversation.py": "answers to a question, and the reading they chose as a sentence to read",
    "bot/domain/replies/reading/days.py": "words for days in messages",
    "bot/domain/replies/reading/explained.py": "denials in words that are asked about",
    "bot/domain/replies/reading/grammar.py": "words between the numbers of a message",
    "bot/domain/replies/reading/lexicon.py": "kinds of townships, and what follows their names",
    "bot/domain/replies/reading/lists.py": "words that join lists",
    "bot/domain/replies/reading/message.py": "recalls, quotes, chains of replies and the rest of a message's frame",
    "bot/domain/replies/reading/normal.py": "traditional characters, to read them as simplified ones",
    "bot/domain/replies/reading/numerals.py": "numerals",
    "bot/domain/replies/reading/patterns.py": "every pattern of the reader's words",
    "bot/domain/replies/reading/readings.py": "rates and denials in messages",
    "bot/domain/replies/reading/shapes.py": "names, days and numbers, to compare the shapes of messages",
    "bot/domain/replies/reading/speech.py": "calls, plans, questions and tests",
    "bot/domain/replies/reading/table.py": "heads and rows of tables in messages",
    "bot/domain/replies/reading/voices.py": "messages that were passed on",
    "bot/sheets/formats/dates.py": "half-days in the formats of cells",
    "bot/sheets/heads.py": "units in heads",
    "bot/sheets/names.py": "kinds of places and offices in names",
    "bot/sheets/tables.py": "rows that number the columns",
    "bot/sheets/values.py": "numbers, days and units in cells",
    "bot/sheets/words.py": "rows of totals, notes and signatures",
    "config/campaign_file/roster.py": "heads of rosters as townships write them; the template has the first of each",
}
"""The modules that recognise Chinese, and what each recognises. Take one out when it has none;
nothing is ever added that says it.
"""


def chinese(source: str) -> Iterator[str]:
    """Every string of a source that holds a Chinese word; docstrings, and the strings that explain
    a name, are no strings of it.
    """
    tree = ast.parse(source)
    notes = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    strings = (
        node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in notes
    )
    yield from (
        node.value for node in strings if isinstance(node.value, str) and HAN.search(node.value)
    )


def modules() -> dict[str, list[str]]:
    """The Chinese of every module outside the wording that has any."""
    paths = (
        path
        for folder in ("bot", "jobs", "config")
        for path in sorted((ROOT / folder).rglob("*.py"))
    )
    found = {
        str(path.relative_to(ROOT)): list(chinese(path.read_text(encoding="utf-8")))
        for path in paths
        if not str(path.relative_to(ROOT)).startswith(WORDING)
    }
    return {path: texts for path, texts in found.items() if texts}


def test_no_chinese_is_said_outside_the_wording() -> None:
    assert {path: texts for path, texts in modules().items() if path not in RECOGNISED} == {}


def test_a_module_leaves_the_list_when_it_holds_no_chinese() -> None:
    assert set(RECOGNISED) - set(modules()) == set()


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('WORD = "无任务"', ["无任务"]),
        ('def f(n):\n    """第N期"""\n    return f"{n}月"', ["月"]),
        ('raise Refused("\\u901a\\u77e5")', ["通知"]),
        ('LIMIT = 3\n"""三条"""\n# 三条\nMARK = "、"', []),
    ],
)
def test_what_counts_as_chinese_of_a_source(source: str, found: list[str]) -> None:
    assert list(chinese(source)) == found
