"""An hour strikes: one file per job, named as in the campaign's `[hours]`. Each declares its `JOB`;
nothing else lists them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from pkgutil import iter_modules

from bot.actions.day.strike import Job
from bot.domain.campaigns.jobs import job_register
from config.wording.kinds import words_of_kinds


def _declared() -> Iterator[Job]:
    for module in iter_modules(__path__):
        job = import_module(f"{__name__}.{module.name}").JOB
        if not isinstance(job, Job) or job.name != module.name:
            raise TypeError(f"jobs/{module.name}.py must declare JOB, a Job of that name")
        if job.kind not in words_of_kinds():
            raise TypeError(
                f"jobs/{module.name}.py has no text: config/wording/{job.kind}.txt.j2, with its words at its head"
            )
        yield job


JOBS: Mapping[str, Job] = job_register(_declared())
"""Every job by the name a campaign's `[hours]` gives it an hour by, in their order."""
