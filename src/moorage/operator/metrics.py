"""The operator's page for Prometheus. What a service says is written anew only when one of its objects changed."""

import asyncio
import contextlib
import resource
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from moorage import __version__
from moorage.api.dataservice import parse_dataservice
from moorage.core import names
from moorage.core.exposition import Block, block, page
from moorage.core.metrics import Metric, read
from moorage.kube.reflector import Key, Object, Store, key_of
from moorage.monitoring import operator_metrics, service_metrics
from moorage.monitoring.document import document
from moorage.operator.held import Held
from moorage.views.service import member_pods

METRICS: tuple[Metric, ...] = (*operator_metrics.METRICS, *service_metrics.METRICS, *service_metrics.STORE)
AT_ONCE = 20
"""Services that are written before others get their turn."""
Marks = tuple[str, ...]
"""Versions of all objects that a block was made of."""
MadeOf = Mapping[str, list[Object]]
"""Kind → objects."""


@dataclass
class Passes:
    """What became of the looks at one kind of resource."""

    count: int = 0
    failed: int = 0
    seconds: float = 0.0


@dataclass
class Tally:
    """Since the operator was started."""

    start_seconds: float = field(default_factory=time.time)
    passes: dict[str, Passes] = field(default_factory=lambda: defaultdict(Passes))

    @contextlib.contextmanager
    def timed(self, kind: str) -> Iterator[None]:
        """Around one look."""
        of, began = self.passes[kind], time.monotonic()
        of.count += 1
        try:
            yield
        except BaseException:
            of.failed += 1
            raise
        finally:
            of.seconds += time.monotonic() - began


@dataclass(frozen=True)
class Standing:
    """How the operator is at this moment."""

    is_leading: bool
    is_telling: bool
    """Of all replicas one alone tells of the services: who led last, also while no lease can be had."""
    is_synced: bool
    queue_length: int
    failing: Mapping[str, int]
    """Kind → resources."""


class Page:
    """Made when it is asked for."""

    def __init__(self, stores: Mapping[str, Store], tally: Tally) -> None:
        self._stores, self._tally = stores, tally
        self._held = Held(stores)
        self._blocks: dict[tuple[str, str, str], tuple[Marks, Block]] = {}

    async def text(self, standing: Standing) -> str:
        blocks = [block(read(operator_metrics.METRICS, self._of_operator(standing)), {})]
        if standing.is_telling and standing.is_synced:
            blocks += await self._of_resources()
        return page(METRICS, blocks)

    def _of_operator(self, standing: Standing) -> dict[str, Any]:
        used = resource.getrusage(resource.RUSAGE_SELF)
        return {
            "version": __version__,
            "is_leading": standing.is_leading,
            "is_telling": standing.is_telling,
            "is_synced": standing.is_synced,
            "blind_watches": sum(1 for store in self._stores.values() if store.refused),
            "objects": {kind: len(store.all()) for kind, store in self._stores.items()},
            "queue_length": standing.queue_length,
            "failing": standing.failing,
            "passes": {kind: vars(of) for kind, of in self._tally.passes.items()},
            "start_seconds": self._tally.start_seconds,
            "cpu_seconds": used.ru_utime + used.ru_stime,
            "memory_peak_bytes": used.ru_maxrss * 1024,
        }

    async def _of_resources(self) -> list[Block]:
        fresh: dict[tuple[str, str, str], tuple[Marks, Block]] = {}
        for count, (at, made_of) in enumerate(self._resources()):
            known, marks = self._blocks.get(at), tuple(_mark(item) for items in made_of.values() for item in items)
            if known is None or known[0] != marks:
                known = (marks, self._block(at[0], made_of))
                if not count % AT_ONCE:
                    await asyncio.sleep(0)
            fresh[at] = known
        self._blocks = fresh
        return [found for _, found in fresh.values()]

    def _resources(self) -> Iterator[tuple[tuple[str, str, str], MadeOf]]:
        """Each with all objects that its block is made of."""
        backups, restores = self._by_service("DataBackup"), self._by_service("DataRestore")
        for item in self._stores["DataService"].all():
            at = key_of(item)
            secret = self._stores["Secret"].get(at[0], names.certificate_secret(at[1]))
            rest = {"DataBackup": backups[at], "DataRestore": restores[at], "Secret": [secret] if secret is not None else []}
            yield ("DataService", *at), {"DataService": [item], **rest}
        for item in self._stores["BackupStore"].all():
            yield ("BackupStore", *key_of(item)), {"BackupStore": [item]}

    def _by_service(self, kind: str) -> Mapping[Key, list[Object]]:
        found: dict[Key, list[Object]] = defaultdict(list)
        for item in self._stores[kind].all():
            spec = item.get("spec") or {}
            service = spec.get("service") or spec.get("toNew") or spec.get("inPlace") or spec.get("undo")
            found[item["metadata"]["namespace"], str(service)].append(item)
        return found

    def _block(self, kind: str, made_of: MadeOf) -> Block:
        (item,) = made_of[kind]
        namespace, name = key_of(item)
        if kind == "BackupStore":
            return block(read(service_metrics.STORE, item), {"namespace": namespace, "store": name})
        pods: Mapping[str, str] = {}
        ends = ""
        with contextlib.suppress(ValidationError):  # another version of Moorage wrote it: what can be read is told all the same
            service = parse_dataservice(item)
            pods, found = member_pods(service), self._held.certificate_ends(service)
            ends = found.isoformat() if found is not None else ""
        said = document(item, pods, made_of["DataBackup"], made_of["DataRestore"], ends)
        return block(read(service_metrics.METRICS, said), {"namespace": namespace, "service": name})


def _mark(item: Object) -> str:
    meta = item["metadata"]
    return f"{meta.get('uid')}/{meta.get('resourceVersion')}"
