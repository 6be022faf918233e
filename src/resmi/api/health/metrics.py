"""Prometheus metrics: what the database says, and what this process counted itself."""

from __future__ import annotations

import time
from collections.abc import Iterator

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import REGISTRY, GaugeMetricFamily, Metric

from resmi.channels import partitions
from resmi.operations import measuring, queries
from resmi.operations.facts import Facts

CONTENT_TYPE = CONTENT_TYPE_LATEST


class _Measured:
    """Collects facts as gauges. An age that does not exist is 0 where nothing waits."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    def collect(self) -> Iterator[Metric]:
        """All families."""
        yield from self._inbound()
        yield from self._outbound()
        yield from self._people()
        yield from self._others()

    def _inbound(self) -> Iterator[Metric]:
        inbound, workers = self._facts.inbound, self._facts.workers
        yield _one("inbound_oldest_seconds", "Age of the oldest item to do.", inbound.oldest_s or 0)
        backlog = dict.fromkeys(measuring.groups(), 0) | inbound.backlog
        yield _many("inbound_backlog", "Items to do.", "partitions", backlog)
        yield _many(
            "inbound_for_people",
            "Items that could not be handled.",
            "status",
            {"parked": inbound.parked, "unparsed": inbound.unparsed},
        )
        yield _one("workers", "Worker processes.", workers.present)
        leases = {str(pid): held for pid, held in workers.leases.items()}
        yield _many("lease_partitions", "Partitions held, by holder.", "backend", leases)
        free = partitions.COUNT - sum(workers.leases.values())
        yield _one("leases_free", "Partitions nobody holds.", free)

    def _outbound(self) -> Iterator[Metric]:
        outbound = self._facts.outbound
        yield _one(
            "deliveries_oldest_due_seconds", "Age of the oldest due message.", outbound.due_s or 0
        )
        yield _many(
            "deliveries_recent",
            f"The last {measuring.RECENT} messages by status.",
            "status",
            outbound.recent,
        )
        family = GaugeMetricFamily(
            "resmi_delivery_refusals_recent",
            f"Refusals among the last {measuring.RECENT} messages.",
            labels=["code", "class"],
        )
        for (code, kind), count in outbound.refusals.items():
            family.add_metric([code, kind], count)
        yield family
        paused = {channel.name: int(bool(channel.paused)) for channel in self._facts.channels}
        yield _many("channel_paused", "Whether sending is stopped.", "channel", paused)

    def _people(self) -> Iterator[Metric]:
        queues = self._facts.queues
        waiting = {queue.key: queue.waiting for queue in queues}
        yield _many("queue_waiting", "Citizens who wait.", "queue", waiting)
        oldest = {queue.key: queue.oldest_s or 0.0 for queue in queues}
        yield _many("queue_oldest_seconds", "The longest wait.", "queue", oldest)
        agents = dict.fromkeys(("available", "away", "offline"), 0) | self._facts.agents
        yield _many("agents", "Agents by status.", "status", agents)

    def _others(self) -> Iterator[Metric]:
        ages = {
            register.source: register.age_days * 86_400
            for register in self._facts.registers
            if register.age_days is not None
        }
        yield _many("register_age_seconds", "Age of a list, by its own date.", "source", ages)
        jobs = self._facts.jobs
        yield _one("jobs_oldest_due_seconds", "Age of the oldest due job.", jobs.due_s or 0)
        yield _many("jobs_failed_recent", "Jobs given up in an hour.", "task", jobs.failed)
        for disk in measuring.disks():
            yield _many("disk_free_bytes", "Free bytes.", "folder", {disk.folder: disk.free})
        alarms: dict[str, int] = {}
        for kind in queries.open_alarms().values_list("kind", flat=True):
            alarms[kind] = alarms.get(kind, 0) + 1
        yield _many("alarms", "Open alarms.", "kind", alarms)


def _one(name: str, meaning: str, value: float) -> Metric:
    return GaugeMetricFamily(f"resmi_{name}", meaning, value=value)


def _many(name: str, meaning: str, label: str, values: dict[str, int] | dict[str, float]) -> Metric:
    family = GaugeMetricFamily(f"resmi_{name}", meaning, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family


def render() -> bytes:
    """Everything, in the format of `CONTENT_TYPE`. Raises what the database raises."""
    began = time.perf_counter()
    measured = CollectorRegistry()
    measured.register(_Measured(measuring.measure()))
    took = _one("scrape_seconds", "How long measuring took.", time.perf_counter() - began)
    measured.register(_Fixed(took))
    return generate_latest(measured) + generate_latest(REGISTRY)


class _Fixed:
    """A collector of one finished family."""

    def __init__(self, family: Metric) -> None:
        self._family = family

    def collect(self) -> Iterator[Metric]:
        """The family."""
        yield self._family
