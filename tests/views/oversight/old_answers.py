"""What every question that rests on decisions is answered of a ledger, in plain values that can be
kept in a file.
"""

from __future__ import annotations

from typing import Any

from bot.actions.day import correct
from bot.actions.notices.trial import NotTried, send_test
from bot.actions.oversight.board_links import link_holds, link_in_force
from bot.app import App
from bot.domain.campaigns.enrolled import Enrolled
from bot.domain.decisions.actor import Actor
from bot.store.campaigns import addresses, setups
from bot.store.figures import figures
from bot.store.replies import sources
from bot.views.day.desk import desk
from bot.views.day.steering import holds, sentence_at
from bot.views.oversight.logbook import LogCursor, log_page
from bot.views.oversight.overdue import words
from bot.views.replies.held import held
from config.wording import templates
from tests.builders import at, day

NIGHT = at("10-29 20:00")


def log_of(app: App, enrolled: Enrolled) -> list[list[Any]]:
    """Every line of the log, newest first, as the page prints it."""
    lines: list[list[Any]] = []
    place: LogCursor | None = LogCursor(at=NIGHT)
    with app.store.reading() as session:
        while place is not None:
            shown = log_page(session, enrolled.campaign, place)
            lines += [
                [
                    one.number,
                    one.at.isoformat(),
                    one.person,
                    templates.logged(one.kind, one.facts),
                    one.reason,
                ]
                for one in shown.entries
            ]
            place = shown.next
    return lines


def answers(app: App, enrolled: Enrolled) -> dict[str, Any]:
    """The answers by the name of the question, as JSON has them."""
    campaign, key, today = enrolled.campaign, enrolled.campaign.key, day("10-29")
    with app.store.reading() as session:
        shown = log_page(session, campaign, LogCursor(at=NIGHT))
        of_kind = {
            templates.kind_of_log(kind): [
                one.number
                for one in log_page(session, campaign, LogCursor(at=NIGHT), kind=kind).entries
            ]
            for kind in shown.kinds
        }
        told = desk(session, campaign, today, NIGHT)
        found = {
            "of each kind": of_kind,
            "holds": {str(one): decision.number for one, decision in holds(session, key).items()},
            "sentences": [
                None if one is None else [one.number, one.reason]
                for one in (sentence_at(session, key, day(on), NIGHT) for on in ("10-28", "10-29"))
            ],
            "held": [[one.reply.number, list(one.why)] for one in held(session, key)],
            "said": [
                [
                    one.number,
                    str(one.word),
                    str(one.owed),
                    one.township,
                    one.measure,
                    one.text,
                    one.person,
                ]
                for one in words(session, campaign, NIGHT)
            ],
            "link": (link_in_force(session, campaign, NIGHT) or told).number,  # type: ignore[union-attr]
            "links": [
                number for number in range(1, 60) if link_holds(session, campaign, number, NIGHT)
            ],
            "setups": [
                [one.campaign, one.version, one.in_force, one.person]
                for one in setups.setups(session).values()
            ],
            "addresses": [[one.group, one.person] for one in addresses.addresses(session).values()],
            "sources": [
                [figure.number, source.sender, source.person, source.reason]
                for figure, source in sources.figures_of_township(
                    session, key, campaign.townships[0].name, today, NIGHT
                )
            ],
            "withdrawn": sorted(figures.withdrawn(session, key)),
            "desk": {
                "entered": [
                    [row.township.name, row.entered.number] for row in told.rows if row.entered
                ],
                "decided": [
                    [one.reply.number, one.decision.number, str(one.decision.kind)]
                    for one in (*told.others, *(one for row in told.rows for one in row.told))
                    if one.decision
                ],
                "waits": [
                    one.reply.number
                    for one in (*told.others, *(o for r in told.rows for o in r.told))
                    if one.waits
                ],
                "hold": None if told.hold is None else [str(told.hold[0]), told.hold[1].number],
                "sentence": None if told.sentence is None else told.sentence.number,
            },
        }
    return {**found, "refused": refusals(app, enrolled)}


def refusals(app: App, enrolled: Enrolled) -> list[Any]:
    """What is not done again because somebody has decided it before."""
    told: list[Any] = []
    with app.store.writing() as session:
        for number in (1, 2):
            try:
                correct.refuse(
                    session, enrolled.campaign, number, by=Actor(name="nobody"), reason="", at=NIGHT
                )
            except correct.CorrectionRefused as refused:
                told.append(
                    [refused.why, {name: str(fact) for name, fact in refused.facts.items()}]
                )
        try:
            send_test(
                session,
                enrolled,
                app.wording,
                app.robots,
                "leaders",
                by=Actor(name="nobody"),
                at=at("10-29 12:30"),
            )
        except NotTried as refused:
            told.append([refused.why, {name: str(fact) for name, fact in refused.facts.items()}])
    return told
