"""Carries jobs and deliveries by procrastinate to as many processes as are started, on one
PostgreSQL.

It only wakes, like the scheduler it stands in for: what is due, and who may do it, is decided in
our own ledger. So a job that runs late, twice or on two machines at once does no harm, and a
machine that dies holds nothing longer than its leases.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from bot import log
from bot.domain.campaigns.campaign import CampaignKey

if TYPE_CHECKING:
    from procrastinate import App
    from procrastinate.tasks import Task

SCHEMA = "procrastinate"
"""Its tables lie in a schema of their own: neither our migrations nor a person looking at the
ledger meets them.
"""

PATIENCE = 3.0
"""Seconds a worker that was told to stop may take over what it has begun before it is told
again.
"""

AGAIN = 5.0
"""Seconds before the next try when the database is away."""


class NoWorkers(Exception):
    """Workers cannot be started here; the text says what to do."""


class Workers:
    """The part of this process in the common work. `wake` and `deliver` say how much they did, and
    may be called on several threads. `campaigns` is asked at every tick, for campaigns are set up
    and ended meanwhile.

    `beat` and `stalled` are seconds: how often a worker shows that it lives, and after how long of
    silence its jobs are taken up by others. It is several times the beat, so that a busy machine is
    not taken for a dead one. `shares` is how many, of all workers together, may be delivering at
    once.
    """

    def __init__(
        self,
        database_url: str,
        campaigns: Callable[[], Iterable[CampaignKey]],
        wake: Callable[[CampaignKey], int],
        deliver: Callable[[], int],
        *,
        beat: float = 10.0,
        stalled: float = 45.0,
        shares: int = 8,
    ) -> None:
        if not database_url.startswith("postgresql"):
            raise NoWorkers("workers share their work through PostgreSQL: name one in DATABASE_URL")
        try:
            import procrastinate
        except ImportError:
            raise NoWorkers(
                'workers need a library that is not installed: pip install "diaodu[workers]"'
            ) from None
        connector = procrastinate.PsycopgConnector(
            conninfo=database_url.replace("+psycopg", "", 1),
            kwargs={"options": f"-c search_path={SCHEMA}"},
            min_size=1,
            max_size=8,
        )
        self.beat = beat
        self.stalled = stalled
        self.shares = shares
        self.ready = asyncio.Event()
        self._campaigns = campaigns
        self._wake = wake
        self._deliver = deliver
        self._app: App = procrastinate.App(connector=connector)
        # Its clock speaks UTC, so it is only asked to tick; the hours are the campaigns' own.
        self._app.periodic(cron="* * * * *")(
            self._app.task(name="tick", queue="jobs")(self._ticked)
        )
        self._waking: Task[Any, Any, Any] = self._app.task(name="wake", queue="jobs")(self._woken)
        self._delivering: Task[Any, Any, Any] = self._app.task(name="deliver", queue="deliveries")(
            self._delivered
        )

    def run(self) -> None:
        """Works until SIGTERM or SIGINT, then ends what is begun. While the database is away it
        waits for it.
        """
        asyncio.run(self._until_signalled())

    async def _until_signalled(self) -> None:
        told = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, told.set)
        while not told.is_set():
            try:
                await self.serve(told)
            except Exception:
                log.failure("worker stopped, it begins anew")
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(told.wait(), AGAIN)

    async def serve(self, told: asyncio.Event) -> None:
        """Works until `told`, then ends what is begun; raises when the database goes away."""
        asyncio.get_running_loop().set_exception_handler(_nobody_waits_for)
        async with self._app.open_async():
            await self._prepare()
            await self.tick()
            self.ready.set()
            log.event("carrying jobs and deliveries")
            common: dict[str, Any] = {
                "concurrency": 2,
                "fetch_job_polling_interval": self.beat / 2,
                "install_signal_handlers": False,
                "update_heartbeat_interval": self.beat,
                "stalled_worker_timeout": self.stalled,
                "delete_jobs": "always",  # what was done stands in the ledger
            }
            # Apart, so that a hundred slow robots never keep an hour from striking.
            working = [
                asyncio.create_task(self._app.run_worker_async(queues=[queue], **common))
                for queue in ("jobs", "deliveries")
            ]
            stop = asyncio.create_task(told.wait())
            ended, _ = await asyncio.wait((*working, stop), return_when=asyncio.FIRST_COMPLETED)
            stop.cancel()
            while open_still := [worker for worker in working if not worker.done()]:
                # More than once: a worker that is told while it begins may miss it.
                for worker in open_still:
                    worker.cancel()
                await asyncio.wait(open_still, timeout=PATIENCE)
            for worker in working:
                if worker in ended:
                    worker.result()

    async def tick(self) -> None:
        """Puts a look at every campaign and at what is to be delivered into the queue, unless one
        is waiting there already.
        """
        await self._take_up()
        for key in await asyncio.to_thread(self._campaigns):
            await self._defer(self._waking, f"wake {key}", campaign=str(key))
        await self._all_deliver()

    async def _ticked(self, timestamp: int) -> None:  # noqa: ARG002
        await self.tick()

    async def _woken(self, campaign: str) -> None:
        if await asyncio.to_thread(self._wake, CampaignKey(campaign)):
            await self._all_deliver()

    async def _delivered(self, share: int) -> None:
        if await asyncio.to_thread(self._deliver):
            await self._defer(self._delivering, f"deliver {share}", share=share)

    async def _all_deliver(self) -> None:
        for share in range(self.shares):
            await self._defer(self._delivering, f"deliver {share}", share=share)

    async def _defer(self, task: Task[Any, Any, Any], name: str, **about: Any) -> None:
        from procrastinate.exceptions import AlreadyEnqueued

        try:
            await task.configure(queueing_lock=name).defer_async(**about)
        except AlreadyEnqueued:
            return

    async def _take_up(self) -> None:
        """Queues the jobs of workers that died once more, which the library leaves to us."""
        from procrastinate.exceptions import ConnectorException, UniqueViolation
        from procrastinate.jobs import Status

        manager = self._app.job_manager
        for job in await manager.get_stalled_jobs(seconds_since_heartbeat=self.stalled):
            # Of two who take up the same one the later is told that it is no longer there.
            with contextlib.suppress(ConnectorException):
                try:
                    await manager.retry_job(job)
                    log.trouble("job of a dead worker taken up", job=job.task_name)
                except UniqueViolation:
                    # One like it waits already.
                    await manager.finish_job(job, Status.FAILED, delete_job=True)

    async def _prepare(self) -> None:
        """Makes the tables if there are none. Two who start at once may hinder each other: then the
        other has made them.
        """
        from procrastinate.exceptions import ConnectorException

        for tries_left in (2, 1, 0):
            try:
                await self._app.connector.execute_query_async(
                    query=f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"
                )
                if not await self._app.check_connection_async():
                    await self._app.schema_manager.apply_schema_async()
                return
            except ConnectorException:
                if not tries_left:
                    raise
                await asyncio.sleep(0.5)


def _nobody_waits_for(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Logs the fault of a task that nobody waits for. That a job was taken up by another worker is
    none: the ledger has its truth.
    """
    from procrastinate.exceptions import ConnectorException

    fault = context.get("exception")
    if isinstance(fault, ConnectorException) and "Job was not found" in str(fault.__cause__):
        log.trouble("job taken up by another worker, while this one was slow to show that it lives")
    else:
        loop.default_exception_handler(context)
