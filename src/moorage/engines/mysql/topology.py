"""MySQL's pure rules: settings from the spec, who the members are, the URIs."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from moorage.api.dataservice import DataService
from moorage.api.quantity import to_bytes
from moorage.core import generations, names
from moorage.core.step import Fullest
from moorage.engines.mysql import outage
from moorage.engines.mysql.constants import DATABASE, HOST_PLACE, PORT
from moorage.engines.mysql.parameters import LIVE
from moorage.engines.mysql.queryrule import why_refused

MIB, GIB = 2**20, 2**30
FIXED_BYTES = 640 * MIB
"""What mysqld takes besides its buffer pool and its clients: dictionary, performance schema, the group's messages (measured)."""
POOL_SHARE, POOL_BYTES_MIN = 0.7, 128 * MIB
"""Of the memory above that."""
CONNECTION_BYTES = 2 * MIB
CONNECTIONS_MIN, CONNECTIONS_MAX = 100, 4000
MESSAGES_BYTES_MIN, MESSAGES_BYTES_MAX = 128 * MIB, GIB
"""What the group keeps of its messages for a member that is silent for a moment."""
REDO_SHARE, REDO_BYTES_MIN, REDO_BYTES_MAX = 0.05, 100 * MIB, 8 * GIB
BINLOG_FILE_BYTES = 64 * MIB
BINLOG_SECONDS = 24 * 3600
BINLOG_SMALL_VOLUME_BYTES, BINLOG_SMALL_SECONDS = 10 * GIB, 4 * 3600
TLS_OF_NODE = '{"rejectUnauthorized":true}'
UNREACHABLE_MAJORITY_SECONDS = 5
"""After the 5 s in which the group's own detector notices: what was not confirmed is rolled back, and the member leaves."""


def pool_bytes(memory_bytes: int) -> int:
    """The buffer pool, in whole pieces of 128 MiB, which is how mysqld grows it."""
    wanted = int((memory_bytes - FIXED_BYTES) * POOL_SHARE)
    return max(POOL_BYTES_MIN, wanted // POOL_BYTES_MIN * POOL_BYTES_MIN)


def connections_max(memory_bytes: int) -> int:
    left = memory_bytes - FIXED_BYTES - pool_bytes(memory_bytes)
    return min(max(CONNECTIONS_MIN, left // CONNECTION_BYTES), CONNECTIONS_MAX)


def messages_bytes(memory_bytes: int) -> int:
    return min(max(MESSAGES_BYTES_MIN, memory_bytes // 16), MESSAGES_BYTES_MAX)


def redo_bytes(storage_bytes: int) -> int:
    return min(max(REDO_BYTES_MIN, int(storage_bytes * REDO_SHARE) // MIB * MIB), REDO_BYTES_MAX)


def binlog_seconds(storage_bytes: int) -> int:
    """How long binary logs stay: a member that was away for so long catches up from them, after that it copies everything."""
    return BINLOG_SMALL_SECONDS if storage_bytes < BINLOG_SMALL_VOLUME_BYTES else BINLOG_SECONDS


def _entry(service: DataService, ordinal: int) -> dict[str, str]:
    """A member as the group's own table lists it."""
    meta, generation = service.metadata, generations.serving(service)
    host = names.member_host(meta.name, meta.namespace, generation, ordinal)
    return {"pod": names.pod(meta.name, generation, ordinal), "host": host}


class MySqlTopology:
    """Implements `contract.Topology`."""

    def fullest(self, positions: Mapping[str, str]) -> Fullest:
        return outage.fullest(positions)

    def engine_arguments(self, service: DataService, data_members: int) -> list[str]:
        """mysqld's arguments, and how a member's host name is made; folders, port and name are the member's own business."""
        del data_members
        spec, meta = service.spec, service.metadata
        memory, storage = to_bytes(spec.resources.memory), to_bytes(spec.storage.size)
        host = names.member_host(meta.name, meta.namespace, generations.serving(service), 0)
        given = {
            "innodb_buffer_pool_size": str(pool_bytes(memory)),
            "max_connections": str(connections_max(memory)),
            "group_replication_message_cache_size": str(messages_bytes(memory)),
            "innodb_redo_log_capacity": str(redo_bytes(storage)),
            "max_binlog_size": str(BINLOG_FILE_BYTES),
            "binlog_expire_logs_seconds": str(binlog_seconds(storage)),
            "group_replication_unreachable_majority_timeout": str(UNREACHABLE_MAJORITY_SECONDS),
            **{name: value for name, value in spec.parameters.items() if name not in LIVE},
        }
        return [
            f"{HOST_PLACE}{{pod}}.{host.partition('.')[2]}",
            *(f"--{k.replace('_', '-')}={v}" for k, v in sorted(given.items())),
        ]

    def why_query_refused(self, database: str, query: str) -> str | None:
        return why_refused(database, query)

    def initiate_order(self, service: DataService, data_members: int) -> dict[str, Any]:
        """The group's first member, and those that are counted from the beginning."""
        return {"members": [_entry(service, i) for i in range(data_members)]}

    def join_order(self, service: DataService, data_members: int, ordinal: int) -> dict[str, Any]:
        del data_members
        return {"entry": _entry(service, ordinal)}

    def binding(self, service: DataService, data_members: int, user: str, password: str, external: str) -> dict[str, str]:
        """`uri` as MySQL's own tools read it, and one for each language's driver; all lead through the address.

        Those with `tls-` check whom they talk to; their reader adds where the authority lies, which only it knows. Go's driver
        wants it registered under the name `moorage`, Node takes it from NODE_EXTRA_CA_CERTS. Java's encrypts in any case.
        """
        del data_members
        meta = service.metadata
        host = external or names.address_host(meta.name, meta.namespace)
        name, secret = quote(user, safe=""), quote(password, safe="")
        database = DATABASE if user == "app" else "mysql"
        there, go = f"{host}:{PORT}/{database}", f"{user}:{password}@tcp({host}:{PORT})/{database}"
        return {
            "database": database,
            "uri": f"mysql://{name}:{secret}@{there}",
            "tls-uri": f"mysql://{name}:{secret}@{there}?ssl-mode=VERIFY_IDENTITY",
            "python-uri": f"mysql+pymysql://{name}:{secret}@{there}?charset=utf8mb4&connect_timeout=3",
            "tls-python-uri": f"mysql+pymysql://{name}:{secret}@{there}?charset=utf8mb4&connect_timeout=3&ssl_check_hostname=true",
            "jdbc-uri": f"jdbc:mysql://{there}?user={name}&password={secret}&sslMode=REQUIRED&connectTimeout=3000&tcpKeepAlive=true",
            "go-uri": f"{go}?tls=skip-verify&parseTime=true&timeout=3s",
            "tls-go-uri": f"{go}?tls=moorage&parseTime=true&timeout=3s",
            "node-uri": f"mysql://{name}:{secret}@{there}?connectTimeout=3000",
            "tls-node-uri": f"mysql://{name}:{secret}@{there}?connectTimeout=3000&ssl={quote(TLS_OF_NODE)}",
        }
