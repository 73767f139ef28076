"""What was seen, as metrics for Prometheus: numbers of deliveries, jobs, readings and answers; no
names of people, no secrets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from threading import Lock
from typing import TYPE_CHECKING

from bot.views.day.watch import ServiceHealth

if TYPE_CHECKING:
    from prometheus_client.core import Metric

ReadingsSince = Callable[[int], tuple[int, Mapping[str, int], int]]
"""Of the readings after a number: the last number, how many came to each outcome, how many asked
something back.
"""


class Metrics:
    """The metrics of this process. Counters begin at nothing when it starts, as counters do."""

    def __init__(
        self,
        answers: Callable[[], Mapping[tuple[str, str], int]],
        readings_since: ReadingsSince,
        last_reading: int,
    ) -> None:
        """`answers` by platform and code; readings are counted from the one after
        `last_reading`.
        """
        self._answers, self._readings_since, self._last = answers, readings_since, last_reading
        self._outcomes: dict[str, int] = {}
        self._asked = 0
        self._lock = Lock()

    def page(self, seen: ServiceHealth | str) -> tuple[bytes, str]:
        """The metrics in Prometheus' own text, and its content type."""
        from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
        from prometheus_client.registry import Collector

        metrics = list(self._metrics(seen))

        class Once(Collector):
            def collect(self) -> Iterator[Metric]:
                yield from metrics

        registry = CollectorRegistry(auto_describe=False)
        registry.register(Once())
        return generate_latest(registry), CONTENT_TYPE_LATEST

    def _metrics(self, seen: ServiceHealth | str) -> Iterator[Metric]:
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        reached = not isinstance(seen, str)
        yield GaugeMetricFamily(
            "diaodu_ledger_reachable", "1 while the ledger answers.", value=reached
        )
        if not isinstance(seen, str):
            yield GaugeMetricFamily(
                "diaodu_healthy", "1 while nothing is in trouble.", value=not seen.troubles
            )
            waiting = 0.0 if seen.waiting is None else seen.waiting.total_seconds()
            told = "How long the oldest undelivered notice has waited; 0 when none waits."
            yield GaugeMetricFamily("diaodu_oldest_open_seconds", told, value=waiting)
            states = GaugeMetricFamily(
                "diaodu_deliveries",
                "The newest deliveries of all campaigns by state.",
                labels=["campaign", "state"],
            )
            for campaign, counted in seen.states.items():
                for state, count in counted.items():
                    states.add_metric([campaign, state], count)
            yield states
            yield from _job_metrics(seen)
            yield from self._readings()
        answers = CounterMetricFamily(
            "diaodu_platform_answers",
            "Answers of the platforms by their own number.",
            labels=["platform", "code"],
        )
        for (platform, code), count in sorted(self._answers().items()):
            answers.add_metric([platform, code], count)
        yield answers

    def _readings(self) -> Iterator[Metric]:
        from prometheus_client.core import CounterMetricFamily

        with self._lock:
            self._last, outcomes, asked = self._readings_since(self._last)
            for outcome, count in outcomes.items():
                self._outcomes[outcome] = self._outcomes.get(outcome, 0) + count
            self._asked += asked
            counted, asked_in_all = dict(self._outcomes), self._asked
        replies = CounterMetricFamily(
            "diaodu_replies", "Replies read, by what they came to.", labels=["outcome"]
        )
        for outcome, count in sorted(counted.items()):
            replies.add_metric([outcome], count)
        yield replies
        yield CounterMetricFamily(
            "diaodu_readings_asked", "Readings that asked something back.", value=asked_in_all
        )


def _job_metrics(seen: ServiceHealth) -> Iterator[Metric]:
    from prometheus_client.core import GaugeMetricFamily

    names = ["campaign", "job"]
    ran = GaugeMetricFamily(
        "diaodu_job_last_run_timestamp_seconds", "When each job was last done.", labels=names
    )
    due = GaugeMetricFamily(
        "diaodu_job_last_due_timestamp_seconds", "When each job was last due.", labels=names
    )
    late = GaugeMetricFamily(
        "diaodu_job_late", "1 while a job's last hour is not done in time.", labels=names
    )
    for job in seen.jobs:
        if job.ran_at is not None:
            ran.add_metric([job.campaign, job.job], job.ran_at.timestamp())
        if job.last_due is not None:
            due.add_metric([job.campaign, job.job], job.last_due.timestamp())
        late.add_metric([job.campaign, job.job], job.late)
    yield from (ran, due, late)
