"""Names as they stand in tables: the same name in another form is found, and never the nearest
one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TypeVar

from bot.sheets.words import joined, seen

Known = TypeVar("Known")

_NUMBERED = re.compile(
    r"^(?:[(]?[0-9]{1,3}[).、:-]|[0-9]{1,3}(?=[^0-9])|[(][一二三四五六七八九十]+[)]|[一二三四五六七八九十]+[、.])"
)
_OFFICE = re.compile(r"(?:人民政府|政府|党委|办事处|公所|管委会|党工委)$")
_KINDS = ("街道", "镇", "乡", "林场", "农场", "开发区", "园区")


def find_name(text: str, known: Mapping[str, Known]) -> Known | None:
    """What that name means among those known, in whatever form it is written; None for one that is
    not known.

    稻 溪 镇, 1.稻溪镇, 稻溪镇人民政府, 稻溪镇（城关）, 兰州市稻溪镇 are 稻溪镇; 稻溪 is only where
    nothing else is called so.
    """
    plain = {joined(name): meant for name, meant in known.items()}
    for form in _forms(joined(text)):
        if form in plain:
            return plain[form]
    for form in _forms(joined(text)):
        meant = {plain[form + kind] for kind in _KINDS if form + kind in plain}
        if len(meant) == 1:
            return meant.pop()
    return None


def _forms(name: str) -> Iterator[str]:
    """The forms a name may be known by, the one that is written first."""
    yield name
    unnumbered = _NUMBERED.sub("", name)
    yield unnumbered
    bare = re.sub(r"\([^()]*\)$", "", unnumbered)
    yield bare
    for form in (
        bare,
        *(bare[found:] for found in range(2, len(bare) - 1) if bare[found - 1] in "省市县区州旗盟"),
    ):
        yield form
        office = _OFFICE.sub("", form)
        yield office
        if office.endswith("街道办"):
            yield office.removesuffix("办")


def short_name(name: str) -> str:
    """A name without its kind: 稻溪 of 稻溪镇; the name itself where too little would be left."""
    for kind in _KINDS[:3]:
        if name.endswith(kind) and len(name) - len(kind) >= 2:
            return name.removesuffix(kind)
    return name


def unspaced(text: str) -> str:
    """A name without the blanks that align it: 稻 溪 镇 is 稻溪镇, 谢 某 is 谢某; one in Latin
    letters keeps its own.
    """
    plain = seen(text)
    return plain.replace(" ", "") if not re.search("[A-Za-z]", plain) else plain
