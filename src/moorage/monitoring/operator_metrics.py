"""What the operator tells of itself. Pure. Every replica does; the series have no labels of their own but those named here."""

from moorage.core.metrics import As, Kind, Metric, Source

KINDS = 4
"""Of our own resources."""
WATCHES_MAX = 30


def _gauge(name: str, says: str, path: str, *labels: str, how: As = As.NUMBER, each: int = KINDS) -> Metric:
    return Metric(f"moorage_operator_{name}", Kind.GAUGE, says, (Source(path, how=how, each=each),), labels)


def _counter(name: str, says: str, path: str, *labels: str, each: int = KINDS) -> Metric:
    return Metric(f"moorage_operator_{name}_total", Kind.COUNTER, says, (Source(path, each=each),), labels)


METRICS: tuple[Metric, ...] = (
    _gauge("info", "The operator's version; always 1.", "version", "version", how=As.STATE),
    _gauge("leading", "1 at the replica that acts.", "is_leading"),
    _gauge("telling", "1 at the replica that tells of the services: the one that led last.", "is_telling"),
    _gauge("synced", "1 once everything was listed; nothing is decided before.", "is_synced"),
    _gauge("blind_watches", "Kinds of objects that the API server does not let it see.", "blind_watches"),
    _gauge("objects", "Objects that it knows, by kind.", "objects.*", "kind", each=WATCHES_MAX),
    _gauge("queue_length", "Resources that wait to be looked at.", "queue_length"),
    _gauge("failing_resources", "Resources of which the last look failed, by kind.", "failing.*", "kind"),
    _counter("passes", "Looks at a resource, by kind.", "passes.*.count", "kind"),
    _counter("pass_failures", "Those of them that failed, by kind.", "passes.*.failed", "kind"),
    _counter("pass_duration_seconds", "How long they took in all, by kind.", "passes.*.seconds", "kind"),
    _gauge("start_timestamp_seconds", "When it was started.", "start_seconds"),
    _counter("cpu_seconds", "Time of processors that it took.", "cpu_seconds"),
    _gauge("memory_peak_bytes", "Most memory that it took.", "memory_peak_bytes"),
)
