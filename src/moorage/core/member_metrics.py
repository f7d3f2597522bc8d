"""What an agent tells of its member besides what the engine says of itself. Pure, standard library only.

The agent makes the document (`agent/scrape.py`). Its series have the labels `namespace`, `service` and `pod`.
"""

from moorage.api.query_bounds import QUERIES_MAX
from moorage.core.metrics import As, Kind, Metric, Source
from moorage.core.report import Role
from moorage.core.volume import Level

_ROLES = tuple(str(role) for role in Role)
_LEVELS = tuple(str(level) for level in Level)


def _gauge(name: str, says: str, path: str, *labels: str, how: As = As.NUMBER, states: tuple[str, ...] = ()) -> Metric:
    return Metric(f"moorage_{name}", Kind.GAUGE, says, (Source(path, how=how, states=states),), labels)


def _counter(name: str, says: str, path: str) -> Metric:
    return Metric(f"moorage_{name}_total", Kind.COUNTER, says, (Source(path),))


_IDENTITY = ("engine", "engine_version", "node", "generation", "moorage_version")

MEMBER = (
    Metric(
        "moorage_member_info",
        Kind.GAUGE,
        "What the member is; always 1.",
        (Source("identity", how=As.TEXTS, texts=_IDENTITY),),
        _IDENTITY,
    ),
    _gauge("member_role", "1 for the role that the member has, as its engine says.",
        "report.role", "role", how=As.EACH_STATE, states=_ROLES),
    _gauge("member_term", "The engine's term, which rises with every primary.", "report.term"),
    _gauge("member_peers_unheard", "Members that the engine does not hear.", "report.peers_down", how=As.COUNT),
    _gauge("member_configured_members", "Members of the engine's configuration.", "report.configured", how=As.COUNT),
    _gauge("member_voters", "Members of the engine's configuration that have a vote.", "report.voters"),
    _gauge("member_has_data", "0 when the agent saw an empty data folder.", "report.has_data"),
    _gauge("member_damaged", "1 when it cannot come back by itself with the data that it has.", "flags.is_damaged"),
    _gauge("member_clock_differs", "1 when its clock differs from those of the others.", "flags.clock_differs"),
    _gauge("member_writes_stopped", "1 at a primary that takes no writes, since too few members have room for more.",
        "report.are_writes_stopped"),
    _gauge("member_excluded", "1 while its engine is stopped because it was given up.", "report.excluded"),
    _gauge("member_order_failing", "1 while an order of the operator is not carried out.", "flags.order_fails"),
)  # fmt: skip

ENGINE = (
    _gauge("engine_running", "1 while the engine's process lives.", "engine.is_running"),
    _gauge("engine_answering", "1 while the engine answers its agent.", "engine.is_answering"),
    _gauge("engine_crash_streak", "Starts of the engine in a row that did not last.", "engine.crashes"),
    _counter("engine_starts", "Starts of the engine since the agent was started.", "engine.starts"),
    _gauge("engine_measured", "1 when the engine said its metrics; else they are missing.", "engine.is_measured"),
    _gauge("engine_measuring_seconds", "How long it took to ask the engine for its metrics.", "engine.measuring_seconds"),
)

VOLUME = (
    _gauge("volume_size_bytes", "What may be used of the member's volume.", "volume.size_bytes"),
    _gauge("volume_free_bytes", "What is free of the member's volume.", "volume.free_bytes"),
    _gauge("volume_full_in_seconds", "When the volume will be full at the present rate; not there when that is days ahead.",
        "volume.full_in_seconds"),
    _gauge("volume_level", "1 for what the room that is left calls for.",
        "volume.level", "level", how=As.EACH_STATE, states=_LEVELS),
)  # fmt: skip

CONTAINER = (
    _gauge("container_memory_bytes", "Memory that the member's container takes, without the cache of files that can be given up.",
        "container.memory_bytes"),
    _gauge("container_memory_limit_bytes", "Memory that it may take.", "container.memory_limit_bytes"),
    _counter("container_out_of_memory_kills", "Processes that the kernel ended for want of memory.",
        "container.out_of_memory_kills"),
    _counter("container_cpu_seconds", "Time of processors that the container took.", "container.cpu_seconds"),
    _gauge("container_cpu_limit_cores", "Processors that it may take at once.", "container.cpu_limit"),
    _counter("container_cpu_throttled_seconds", "How long it was held back because it had taken what it may.",
        "container.throttled_seconds"),
)  # fmt: skip

AGENT = (
    Metric("moorage_agent_start_timestamp_seconds", Kind.GAUGE, "When the agent was started.", (Source("agent.start_seconds"),)),
    _gauge("agent_silent_seconds", "How long ago the agent's loop turned.", "agent.silent_seconds"),
    _counter("agent_cpu_seconds", "Time of processors that the agent took.", "agent.cpu_seconds"),
    _gauge("agent_memory_peak_bytes", "Most memory that the agent took.", "agent.memory_peak_bytes"),
)


def _of_query(name: str, says: str, path: str, *labels: str, how: As = As.NUMBER) -> Metric:
    source = Source(f"queries.*.{path}", how=how, each=QUERIES_MAX)
    return Metric(f"moorage_query_{name}", Kind.GAUGE, says, (source,), ("query", *labels))


QUERIES = (
    _of_query("answered_timestamp_seconds", "When a query that becomes a metric was answered last.", "answered_at"),
    _of_query("duration_seconds", "How long its last run took.", "seconds"),
    _of_query("outcome", "How its last run ended; always 1.", "outcome", "outcome", how=As.STATE),
    _of_query("rows_left_out", "Rows of its answer that became no series: too many, double, or no number.", "left_out"),
)

METRICS: tuple[Metric, ...] = (*MEMBER, *ENGINE, *VOLUME, *CONTAINER, *AGENT, *QUERIES)
