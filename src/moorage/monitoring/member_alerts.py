"""Alerts about one member, of any engine. They are muted while the whole service is red. Pure."""

from moorage.core.alerts import Alert, Scope, Severity, of_member, of_service

_BY, _BY_MEMBER = "on (namespace, service)", "on (namespace, service, pod)"
_FULL_IN = of_member("moorage_volume_full_in_seconds")
_USED_MUCH = (
    f"({of_member('moorage_volume_size_bytes')} - {of_member('moorage_volume_free_bytes')})"
    f" / {of_member('moorage_volume_size_bytes')} >= 0.7"
)
"""A volume that was empty an hour ago fills fast, and alarms nobody."""
_EXPECTED = of_service("moorage_service_members_expected")
_MEASURED = f"count by (namespace, service) ({of_member('moorage_agent_start_timestamp_seconds')})"
_ABNORMAL = of_service('moorage_service_health{health=~"red|yellow"}') + " == 1"

_MAKE_ROOM = (
    "- Raise `spec.storage.size`, or allow `spec.storage.autoGrow`: volumes grow while they are in use.\n"
    "- Or delete data; whole databases and collections give room back at once."
)

MEMBERS = (
    Alert(
        "MoorageDiskFull", Severity.CRITICAL, Scope.MEMBER,
        expr=of_member('moorage_volume_level{level="full"}') + " == 1",
        summary="the volume of $subject is full",
        meaning="What is left of the volume is kept for what the engine must still write.",
        impact="When too few members have room, the service takes no more writes.",
        moorage="It keeps room aside for repair, moves the primary to a member with room, and stops an engine before it "
        "dies of it.",
        you=_MAKE_ROOM,
    ),
    Alert(
        "MoorageDiskFullIn4h", Severity.CRITICAL, Scope.MEMBER,
        expr=f"({_FULL_IN} <= 4 * 3600) and {_BY_MEMBER} ({_USED_MUCH})",
        for_seconds=5 * 60,
        summary="the volume of $subject will be full within 4 hours",
        meaning="At the rate of the last hour or the last six, whichever is lower.",
        impact="None yet.",
        moorage="It lets the volume grow where `storage.autoGrow` allows it.",
        you=_MAKE_ROOM,
    ),
    Alert(
        "MoorageDiskFullIn24h", Severity.WARNING, Scope.MEMBER,
        expr=f"({_FULL_IN} <= 24 * 3600) and {_BY_MEMBER} ({_USED_MUCH})",
        for_seconds=15 * 60,
        summary="the volume of $subject will be full within a day",
        meaning="At the rate of the last hour or the last six, whichever is lower.",
        impact="None yet.",
        moorage="It lets the volume grow where `storage.autoGrow` allows it.",
        you=_MAKE_ROOM,
    ),
    Alert(
        "MoorageOutOfMemory", Severity.WARNING, Scope.MEMBER,
        expr=of_member("increase(moorage_container_out_of_memory_kills_total[15m])") + " > 0",
        summary="the engine of $subject ran out of memory and was killed",
        meaning="The kernel ended it within the last 15 minutes.",
        impact="A primary that is killed costs a fail-over; a member that is killed again and again never catches up.",
        moorage="It hands over at once and starts the engine again, more slowly each time.",
        you="- Raise `spec.resources.memory`: the members are replaced one by one.\n"
        "- Look for statements that sort or join without an index.",
    ),
    Alert(
        "MoorageEngineNotMeasured", Severity.WARNING, Scope.MEMBER,
        expr=f"({of_member('moorage_engine_running')} == 1) and {_BY_MEMBER} ({of_member('moorage_engine_measured')} == 0)",
        for_seconds=10 * 60,
        summary="the engine of $subject does not say its metrics",
        meaning="It runs, and has not answered its agent's questions in time for ten minutes.",
        impact="It may be overloaded: alerts that need its metrics are silent.",
        moorage="It watches; a member that serves nobody is not healthy and is repaired as such.",
        you="- The agent's log says why (`engine_not_measured`): `moorage logs NAME MEMBER`.",
    ),
    Alert(
        "MoorageMembersNotMeasured", Severity.WARNING, Scope.SERVICE,
        expr=f"(({_EXPECTED} > {_BY} {_MEASURED}) or ({_EXPECTED} > 0 unless {_BY} {_MEASURED})) unless {_BY} ({_ABNORMAL})",
        for_seconds=10 * 60,
        summary="not all members of $subject are scraped",
        meaning="The service is well, and Prometheus has no metrics of some member's agent.",
        impact="Alerts about disks, lag and connections are silent for that member.",
        moorage="Nothing: it does not depend on Prometheus.",
        you="- Look at Prometheus's targets: port `agent` of Pods with `app.kubernetes.io/part-of: moorage`.\n"
        "- A NetworkPolicy may keep Prometheus out.",
    ),
)  # fmt: skip
