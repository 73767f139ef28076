"""Decisions: what a person decided, about what, and why (law 10)."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from bot.domain.decisions.actor import Actor
from bot.domain.decisions.decision import NO_FACTS, Decision, Facts, check
from bot.domain.decisions.kinds import DecisionKind
from bot.domain.decisions.subjects import Subject, kept_as, subject_of
from bot.domain.keys import CampaignKey
from bot.store.decisions.tables import DbDecision

_KNOWN = frozenset(DecisionKind)


def add_decision(
    session: Session,
    *,
    campaign: CampaignKey,
    by: Actor,
    kind: DecisionKind,
    subject: Subject,
    facts: Facts = NO_FACTS,
    reason: str = "",
    at: datetime,
) -> int:
    """Keeps a person's decision and returns its number, which the figures it brings about name.

    ValueError where the subject or the facts are not those of that kind.
    """
    check(kind, subject, facts)
    subject_kind, key = kept_as(subject)
    row = DbDecision(
        campaign=campaign,
        person=by.name,
        login=by.login,
        kind=kind.value,
        subject_kind=subject_kind,
        subject=key,
        facts=json.dumps(dict(facts), ensure_ascii=False),
        words=reason,
        decided_at=at,
    )
    session.add(row)
    session.flush()
    return row.id


def newest_decision(session: Session, campaign: CampaignKey, kind: DecisionKind) -> Decision | None:
    """The last decision of that kind; None if none was taken."""
    mine = (DbDecision.campaign == campaign, _of_kind(kind))
    row = session.scalar(select(DbDecision).where(*mine).order_by(DbDecision.id.desc()).limit(1))
    return None if row is None else _decision(row)


def decisions(
    session: Session,
    campaign: CampaignKey,
    kinds: Collection[DecisionKind] = (),
    *,
    about: Subject | None = None,
) -> list[Decision]:
    """Every decision of a campaign, in the order they were taken; only of these kinds and about
    that thing, if they are given.
    """
    wanted: list[ColumnElement[bool]] = [DbDecision.campaign == campaign]
    if kinds:
        wanted.append(DbDecision.kind.in_([kind.value for kind in kinds]))
    if about is not None:
        kind, key = kept_as(about)
        wanted += [DbDecision.subject_kind == kind, DbDecision.subject == key]
    rows = session.scalars(select(DbDecision).where(*wanted).order_by(DbDecision.id))
    return [_decision(row) for row in rows]


def decisions_before(
    session: Session,
    campaign: CampaignKey,
    most: int,
    *,
    at: datetime,
    below: int,
    by: Actor | None = None,
    kind: DecisionKind | None = None,
) -> list[Decision]:
    """The newest `most` decisions, newest first: before `at`, or at that moment with a number below
    `below`.
    """
    rows = session.scalars(
        select(DbDecision)
        .where(
            DbDecision.campaign == campaign,
            (DbDecision.decided_at < at)
            | ((DbDecision.decided_at == at) & (DbDecision.id < below)),
            *([] if by is None else [DbDecision.person == by.name, DbDecision.login == by.login]),
            *([] if kind is None else [_of_kind(kind)]),
        )
        .order_by(DbDecision.decided_at.desc(), DbDecision.id.desc())
        .limit(most)
    )
    return [_decision(row) for row in rows]


def actors_and_kinds(session: Session, campaign: CampaignKey) -> list[tuple[Actor, DecisionKind]]:
    """Who has taken which kinds of decision, each pair once, by name, then by login."""
    columns = (DbDecision.person, DbDecision.login, DbDecision.kind)
    pairs = select(*columns).where(DbDecision.campaign == campaign).distinct()
    found = {(person, login, _kind(kind)) for person, login, kind in session.execute(pairs)}
    return [(Actor(name=person, login=login), kind) for person, login, kind in sorted(found)]


def _kind(kept: str) -> DecisionKind:
    # A kind of a later version of the program, which was taken back: it is told as it is and stops
    # nothing.
    return DecisionKind(kept) if kept in _KNOWN else DecisionKind.OTHER


def _of_kind(kind: DecisionKind) -> ColumnElement[bool]:
    if kind is DecisionKind.OTHER:
        return DbDecision.kind.not_in(sorted(_KNOWN - {kind}))
    return DbDecision.kind == kind.value


def _decision(row: DbDecision) -> Decision:
    return Decision(
        number=row.id,
        person=row.person,
        login=row.login,
        kind=_kind(row.kind),
        subject=subject_of(row.subject_kind, row.subject),
        facts=json.loads(row.facts),
        reason=row.words,
        decided_at=row.decided_at,
    )
