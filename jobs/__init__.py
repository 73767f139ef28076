"""An hour strikes: one file per job, named as in the campaign's `[hours]`; each is `run(session, enrolled, strike, wording)`."""

from __future__ import annotations

from collections.abc import Mapping

from bot.actions.day.strike import Job
from jobs import bulletin, call, digest, overdue, remind

JOBS: Mapping[str, Job] = {
    "call": call.run,
    "remind": remind.run,
    "bulletin": bulletin.run,
    "overdue": overdue.run,
    "digest": digest.run,
}
"""Every job by the name a campaign's `[hours]` gives it an hour by."""
