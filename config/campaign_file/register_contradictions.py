"""What is well formed in the registers of a campaign file and yet cannot be: doubles, and names
that lead nowhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.domain.campaigns.campaign import RankedBy
from bot.domain.campaigns.register import ColumnKind
from bot.domain.registers.reading import bare_head
from config.campaign_file.shape import Misfit, near, shown
from config.wording.faults import FaultPlace, FaultWord, sentence

Understood = Mapping[str, Any]


def register_contradictions(file: Understood) -> Iterator[Misfit]:
    """Every contradiction of what is understood of `[[registers]]`, `[proof]` and the ranking by
    what is verified.
    """
    registers: Sequence[Understood] = file["registers"] or ()
    yield from _needs_register(file, registers)
    yield from _doubled("registers", "key", registers)
    kinds = [
        {"place": f"registers[{number}].filings[{at}]", "key": part["key"]}
        for number, register in enumerate(registers, 1)
        for at, part in enumerate(register["filings"] or (), 1)
    ]
    held: dict[str, str] = {}
    for kind in kinds:
        if (
            kind["key"] is not None
            and (other := held.setdefault(kind["key"], kind["place"])) != kind["place"]
        ):
            yield _fault(
                f"{kind['place']}.key",
                kind["key"],
                "doubled",
                what=FaultWord("key"),
                other=FaultPlace(other),
            )
    for number, register in enumerate(registers, 1):
        yield from _Register(file, registers, f"registers[{number}]", register).misfits()


def _needs_register(file: Understood, registers: Sequence[Understood]) -> Iterator[Misfit]:
    if registers:
        return
    if (file["proof"] or {}).get("told"):
        yield _fault("proof.told", True, "needs_register")
    if (file["ranking"] or {}).get("by") is RankedBy.VERIFIED:
        yield _fault("ranking.by", RankedBy.VERIFIED.value, "needs_register")


class _Register:
    def __init__(
        self, file: Understood, registers: Sequence[Understood], place: str, register: Understood
    ) -> None:
        self.file, self.registers, self.place, self.register = file, registers, place, register
        self.columns: Sequence[Understood] = register["columns"] or ()
        self.stages = [part["key"] for part in register["stages"] or ()]
        self.keys = [part["key"] for part in self.columns]

    def misfits(self) -> Iterator[Misfit]:
        for part in ("columns", "stages"):
            yield from _doubled(f"{self.place}.{part}", "key", self.register[part] or ())
        yield from self._category()
        yield from self._heads()
        yield from self._tails()
        yield from self._rules()
        if self.register["numbered"] and "#" not in (self.register["code_form"] or "#"):
            yield _fault(
                f"{self.place}.code_form", self.register["code_form"], "no_place_for_number"
            )
        for number, column in enumerate(self.columns, 1):
            if needed := column["needed_from"]:
                yield from self._stage(f"columns[{number}].needed_from", needed)

    def _category(self) -> Iterator[Misfit]:
        key = self.register["category"]
        if not key:
            return
        column = next((part for part in self.columns if part["key"] == key), None)
        meant = near(key, _known(self.keys)) if column is None else ""
        if column is None or column["kind"] not in (ColumnKind.CHOICE, None):
            yield _fault(f"{self.place}.category", key, "no_choice_column", near=meant)
            return
        categories = [part["key"] for part in self.file["categories"] or ()]
        number = self.keys.index(key) + 1
        for choice in column["choices"] or ():
            if choice not in categories:
                yield _fault(
                    f"{self.place}.columns[{number}].choices.{choice}", None, "no_category"
                )

    def _heads(self) -> Iterator[Misfit]:
        """Two columns of one head would be one column of a file."""
        held: dict[str, str] = {}
        for number, column in enumerate(self.columns, 1):
            if column["check"]:
                continue  # what is compared stands in other files
            place = f"{self.place}.columns[{number}]"
            for part in ("name", "heads", "identity_heads", "tail_heads"):
                for head in _known([column[part]] if part == "name" else column[part] or ()):
                    if (other := held.setdefault(bare_head(head), place)) != place:
                        yield _fault(f"{place}.{part}", head, "head_taken", other=FaultPlace(other))

    def _tails(self) -> Iterator[Misfit]:
        for number, tail in enumerate(self.register["tails"] or (), 1):
            for end in ("first", "then"):
                yield from self._stage(f"tails[{number}].{end}", tail[end])

    def _rules(self) -> Iterator[Misfit]:
        rules: Understood = self.register["rules"] or {}
        for number, rule in enumerate(rules.get("building_time") or (), 1):
            for end in ("first", "then"):
                yield from self._stage(f"rules.building_time[{number}].{end}", rule[end])
            if rule["column"]:
                yield from self._column(f"rules.building_time[{number}].column", rule["column"])
        for part in ("standards", "agreements"):
            for number, rule in enumerate(rules.get(part) or (), 1):
                for end in ("column", "by"):
                    yield from self._column(f"rules.{part}[{number}].{end}", rule[end])
        if missed := rules.get("missed"):
            for end in ("column", "outcome"):
                yield from self._column(f"rules.missed.{end}", missed[end])
            known = [part["key"] for part in self.registers]
            if missed["listed_in"] is not None and missed["listed_in"] not in known:
                meant = near(missed["listed_in"], _known(known))
                yield _fault(
                    f"{self.place}.rules.missed.listed_in",
                    missed["listed_in"],
                    "no_register",
                    near=meant,
                )

    def _stage(self, place: str, key: str | None) -> Iterator[Misfit]:
        if key is not None and key not in self.stages:
            yield _fault(
                f"{self.place}.{place}",
                key,
                "no_register_stage",
                near=near(key, _known(self.stages)),
            )

    def _column(self, place: str, key: str | None) -> Iterator[Misfit]:
        if key is not None and key not in self.keys:
            yield _fault(
                f"{self.place}.{place}", key, "no_column", near=near(key, _known(self.keys))
            )


def _known(words: Sequence[str | None]) -> list[str]:
    return [word for word in words if word is not None]


def _doubled(place: str, what: str, parts: Sequence[Understood]) -> Iterator[Misfit]:
    held: dict[str, int] = {}
    for number, part in enumerate(parts, 1):
        value = part[what]
        if value is not None and (other := held.setdefault(value, number)) != number:
            yield _fault(
                f"{place}[{number}].{what}",
                value,
                "doubled",
                what=FaultWord(what),
                other=FaultPlace(f"{place}[{other}]"),
            )


def _fault(place: str, value: object, rule: str, *, near: str = "", **facts: object) -> Misfit:
    return Misfit(place=place, value=shown(value), told=sentence(rule, near=near, **facts))
