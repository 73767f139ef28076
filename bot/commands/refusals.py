"""Why a deed was refused, as the terminal says it: where an option of a command would help, the
option is named here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.actions.refusal import Refusal

OPTIONS: Mapping[tuple[str, str], str] = {
    ("correct", "no_value"): "say what stands with --value stage=N",
    ("correct", "which_day"): "say with --day of which reporting day it is, {first} to {last}",
    (
        "correct",
        "not_offered",
    ): "the question offers no such reading: say what stands with --value stage=N",
    ("correct", "whose"): "say with --township whose figures these are",
    (
        "correct",
        "no_contact",
    ): "the township has no contact to read it for; say what stands with --value stage=N",
    ("correct", "other_day"): (
        "the text names another day: say with --day of which day it is, or what stands with --value stage=N"
    ),
    (
        "correct",
        "uncertain",
    ): "the text is still not certain ({doubts}): say what stands with --value stage=N",
    (
        "tie",
        "group_of_several",
    ): "{keys} have a group {name}; name one with --campaign, and repeat for another",
    ("tie", "several_robots"): "{id} was heard by {heard_by}; name one with --robot",
    (
        "tie",
        "nothing_held",
    ): "nothing is held of {id}; name the robot that knows this id with --robot",
    ("tie", "several_campaigns"): "{keys} have a {what} {name}; name one with --campaign",
    ("money", "no_paper"): "--paper needs the paper under which the list goes",
}
"""The sentences that name an option, by the room and the code of the refusal."""


def told(refusal: Refusal) -> str:
    """The sentence for the terminal: with the option that helps, else the refusal's own."""
    sentence = OPTIONS.get((refusal.room, refusal.why))
    return str(refusal) if sentence is None else sentence.format(**refusal.facts)
