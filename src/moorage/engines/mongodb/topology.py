"""MongoDB's pure rules: settings from the spec, the replica set's configuration, the URIs."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from moorage.api.dataservice import DataService
from moorage.api.quantity import to_bytes
from moorage.core import generations, names
from moorage.core.step import Fullest
from moorage.engines.mongodb.constants import CONNECTIONS_SETTING, PORT
from moorage.engines.mongodb.queryrule import why_refused

ELECTION_TIMEOUT_MS = 2_000
HEARTBEAT_INTERVAL_MS = 500
HEARTBEAT_TIMEOUT_SECONDS = 2
"""A member that says nothing for this long is down to its peers (MongoDB's default: 10 s). Then a new primary does not wait for
what a node without power could still have to tell, which cost 2 s more."""
SOURCE_RETRIES = 10
"""How often a secondary tries its lost source again (MongoDB's default: once) before it looks for another one.

It waits 1, 2, 4 … ms in between, 1 s in all. Once the heir is elected it goes over to it at the next try. With the default
it looks while there is no heir yet, finds nobody ahead of itself and sleeps for a second, and so does every majority write.
"""
SOURCE_SILENCE_SECONDS = 2
"""How much later than due an answer of the source may come (MongoDB's default: 5 s). A source that lost its power says nothing:
a secondary gives it up after 3 s, when an heir is elected, instead of after 13 s."""
SOURCE_RETRY_SECONDS = 1
"""How long a lost source has to answer when it is tried again (MongoDB's default: 2 s), besides `SOURCE_SILENCE_SECONDS`: where
nothing comes back at all, each second is one in which no majority confirms anything."""
NOTICE_A_LOST_NODE = "connectTimeoutMS=2000&heartbeatFrequencyMS=1000"
"""Drivers then give up a connection to a node without power after 3 s (their default: 30 s), and no long query is cut."""
MIB = 2**20
GIB = 2**30
OPLOG_SHARE_OF_VOLUME = 0.05
"""MongoDB's own default share, of the volume's size and not of what the shared host disk has free."""
OPLOG_MIB_MIN, OPLOG_MIB_MAX = 990, 50 * 1024
BATCHES_IN_MEMORY = 64


def cache_gib(memory_bytes: int) -> float:
    """WiredTiger's cache by MongoDB's rule: half of the memory above 1 GiB, at least 0.25 GiB."""
    return max(0.25, round((memory_bytes - GIB) / 2 / GIB, 2))


def batch_bytes(memory_bytes: int) -> int:
    """What a secondary applies at once, 16 MiB being the least that MongoDB allows. By its default of 100 MiB one that catches up
    takes most of a GiB: 915 MiB for documents of 1 MiB, and 596 MiB with 16 MiB, in the same time."""
    return min(max(16 * MIB, memory_bytes // BATCHES_IN_MEMORY), 100 * MIB)


def oplog_mib(storage_bytes: int) -> int:
    """Size of the oplog: 5 % of the volume within MongoDB's limits, and never more than a quarter of a small volume, which
    the journal (up to 500 MiB) and the room that is kept for repair fill half."""
    wanted = int(storage_bytes * OPLOG_SHARE_OF_VOLUME / MIB)
    return min(max(OPLOG_MIB_MIN, min(wanted, OPLOG_MIB_MAX)), int(storage_bytes / 4 / MIB))


def _entry(service: DataService, data_members: int, ordinal: int) -> dict[str, Any]:
    """A member as the replica set's configuration lists it. Its `_id` is its ordinal, also when it comes back later."""
    meta = service.metadata
    return {
        "_id": ordinal,
        "host": f"{names.member_host(meta.name, meta.namespace, generations.serving(service), ordinal)}:{PORT}",
        **({"arbiterOnly": True, "priority": 0} if ordinal >= data_members else {}),
    }


class MongoTopology:
    """Implements `contract.Topology`."""

    def engine_arguments(self, service: DataService, data_members: int) -> list[str]:
        """mongod's arguments; the data folder, keyfile and port are the member's own business."""
        del data_members
        spec = service.spec
        arguments = [
            "--replSet", service.metadata.name,
            "--wiredTigerCacheSizeGB", str(cache_gib(to_bytes(spec.resources.memory))),
            "--oplogSize", str(oplog_mib(to_bytes(spec.storage.size))),
            "--setParameter", f"replBatchLimitBytes={batch_bytes(to_bytes(spec.resources.memory))}",
            "--setParameter", f"oplogFetcherSteadyStateMaxFetcherRestarts={SOURCE_RETRIES}",
            "--setParameter", f"oplogNetworkTimeoutBufferSeconds={SOURCE_SILENCE_SECONDS}",
            "--setParameter", f"oplogRetriedFindMaxSeconds={SOURCE_RETRY_SECONDS}",
        ]  # fmt: skip
        if (connections := spec.parameters.get(CONNECTIONS_SETTING)) is not None:
            arguments += ["--maxConns", connections]
        return arguments

    def fullest(self, positions: Mapping[str, str]) -> Fullest:
        """Members elect among themselves, and are never apart."""
        del positions
        return Fullest()

    def why_query_refused(self, database: str, query: str) -> str | None:
        return why_refused(database, query)

    def initiate_order(self, service: DataService, data_members: int) -> dict[str, Any]:
        """The first configuration: every member by DNS name, short election timeout. Chaining is left on for hand-overs."""
        return {
            "_id": service.metadata.name,
            "members": [_entry(service, data_members, i) for i in range(data_members + service.spec.arbiter)],
            "settings": {
                "electionTimeoutMillis": ELECTION_TIMEOUT_MS,
                "heartbeatIntervalMillis": HEARTBEAT_INTERVAL_MS,
                "heartbeatTimeoutSecs": HEARTBEAT_TIMEOUT_SECONDS,
            },
        }

    def join_order(self, service: DataService, data_members: int, ordinal: int) -> dict[str, Any]:
        """MongoDB itself gives it no vote until it has copied the data."""
        return {"entry": _entry(service, data_members, ordinal)}

    def binding(self, service: DataService, data_members: int, user: str, password: str, external: str) -> dict[str, str]:
        """`uri` follows the replica set from inside the cluster; `direct-uri` goes through the address.

        Those with `tls-` encrypt; their reader adds where the authority lies, which only it knows.
        """
        meta = service.metadata
        credentials = f"{quote(user, safe='')}:{quote(password, safe='')}"
        hosts = ",".join(
            f"{names.member_host(meta.name, meta.namespace, generations.serving(service), i)}:{PORT}" for i in range(data_members)
        )
        address = external or names.address_host(meta.name, meta.namespace)
        options = f"authSource=admin&w=majority&retryWrites=true&{NOTICE_A_LOST_NODE}"
        plain = {
            "uri": f"mongodb://{credentials}@{hosts}/app?replicaSet={meta.name}&{options}",
            "direct-uri": f"mongodb://{credentials}@{address}:{PORT}/app?directConnection=true&{options}",
        }
        database = "app" if user == "app" else "admin"
        encrypted = {f"tls-{key}": f"{uri}&tls=true" for key, uri in plain.items()}
        return {"database": database, "authSource": "admin"} | plain | encrypted
