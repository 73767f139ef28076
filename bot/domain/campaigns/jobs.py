"""The jobs a process knows and the kinds of notice: one register of each, built from what the jobs
declare of themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TypeVar

from bot.domain.campaigns.campaign import (
    BULLETIN,
    CORRECTION,
    FAULT,
    TEST,
    Audience,
    Disclosure,
    JobKind,
    LeadsTo,
    NoticeKind,
    NoticeTraits,
)

OTHER_KINDS: Mapping[NoticeKind, NoticeTraits] = {
    CORRECTION: NoticeTraits(
        resent_when_unknown=True,
        leads_to=LeadsTo.BOARD,
        disclosure=Disclosure.FULL,
        first_sent_to=frozenset({Audience.TOWNSHIPS, Audience.LEADERS}),
    ),
    FAULT: NoticeTraits(first_sent_to=frozenset({Audience.SUPERVISORS})),
    TEST: NoticeTraits(chosen=False),
}
"""The kinds of notice that no hour makes: a person's decision does, or the fault of a robot."""

RESERVED = frozenset({*OTHER_KINDS, "cutoff", "heartbeat", "tick"})
"""No names for a job: other kinds of notice, and what else stands among the hours, the runs and the
triggers.
"""

AnyJob = TypeVar("AnyJob", bound=JobKind)


def job_register(jobs: Iterable[AnyJob]) -> Mapping[str, AnyJob]:
    """The jobs by name, in their order. ValueError for a name that is taken or cannot be one, and
    without a bulletin.
    """
    register: dict[str, AnyJob] = {}
    for job in sorted(jobs, key=lambda job: (job.order, job.name)):
        if job.name in register:
            raise ValueError(f"there are two jobs named {job.name}")
        if job.name in RESERVED or not re.fullmatch(r"[a-z][a-z0-9_]*", job.name):
            raise ValueError(f"{job.name} cannot be the name of a job")
        register[job.name] = job
    if BULLETIN not in register:
        raise ValueError("no job is named bulletin, which ends the day")
    return register


def notice_kinds(jobs: Mapping[str, JobKind]) -> dict[NoticeKind, NoticeTraits]:
    """Every kind of notice: those of the jobs in their order, then the others."""
    return {**{job.kind: job.notice for job in jobs.values()}, **OTHER_KINDS}


def traits_of(jobs: Mapping[str, JobKind], kind: NoticeKind) -> NoticeTraits:
    """What becomes of notices of that kind; nothing more for one that no job of this program makes
    any longer.
    """
    job = jobs.get(kind)
    return job.notice if job is not None else OTHER_KINDS.get(kind, NoticeTraits())
