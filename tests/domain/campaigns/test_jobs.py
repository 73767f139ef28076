"""The register of jobs: every name once, in an order that is theirs, and no name that means
something else already.
"""

from __future__ import annotations

import pytest

from bot.actions.day.heartbeat import JOB
from bot.domain.campaigns.campaign import BULLETIN, CORRECTION, JobKind, NoticeKind, NoticeTraits
from bot.domain.campaigns.jobs import OTHER_KINDS, RESERVED, job_register, notice_kinds, traits_of
from bot.views.day.sample import CUTOFF
from jobs import JOBS


def a_job(name: str, order: int = 1, **facts: object) -> JobKind:
    return JobKind(name=name, order=order, notice=NoticeTraits(**facts))


def test_jobs_stand_in_their_order_and_those_of_one_order_by_name() -> None:
    jobs = job_register(
        [a_job("weather", 3), a_job(BULLETIN, 2), a_job("tide", 3), a_job("call", 1)]
    )
    assert list(jobs) == ["call", "bulletin", "tide", "weather"]
    assert list(notice_kinds(jobs)) == ["call", "bulletin", "tide", "weather", *OTHER_KINDS]


@pytest.mark.parametrize(
    "name", ["bulletin", *sorted(RESERVED), "", "Call", "call up", "1st", "号"]
)
def test_a_name_that_is_taken_or_none_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="job"):
        job_register([a_job(BULLETIN), a_job(name)])


def test_without_a_bulletin_no_day_would_end() -> None:
    with pytest.raises(ValueError, match="bulletin"):
        job_register([a_job("call")])


def test_what_else_stands_among_hours_and_runs_is_reserved() -> None:
    assert {JOB, CUTOFF} <= RESERVED


def test_a_kind_of_another_version_of_the_program_has_no_traits() -> None:
    assert traits_of(JOBS, NoticeKind("weather")) == NoticeTraits()
    assert traits_of(JOBS, CORRECTION).resent_when_unknown
    assert traits_of(JOBS, BULLETIN) is JOBS[BULLETIN].notice


def test_the_jobs_of_the_program_are_in_the_order_of_a_day() -> None:
    assert list(JOBS) == ["call", "remind", "bulletin", "overdue", "digest"]
