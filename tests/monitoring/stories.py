"""For each alert what happens before it, while it fires and after it, as series of numbers: one every 30 s.

`0x9 1x19 0x9` is promtool's own way of saying it: ten times 0, twenty times 1, ten times 0.
"""

from dataclasses import dataclass

DAY = 86_400
SERVICE, POD, STORE = 'namespace="shop",service="orders"', 'pod="orders-g1-0"', 'namespace="shop",store="main"'
RISES = "0x9 1x59 0x19"
"""It begins to hold at 5 min and ends at 35 min."""


@dataclass(frozen=True)
class Story:
    """Minutes at which the alert is quiet and at which it fires; it is quiet at the first and the last of all."""

    alert: str
    series: dict[str, str]
    fires: tuple[float, ...]
    quiet: tuple[float, ...]
    labels: tuple[tuple[str, str], ...] = ()
    """Of the alert, besides whom it is about."""
    name: str = ""


def _service(name: str, more: str = "") -> str:
    """With a label of the target that tells it, which must not make two alerts of one."""
    return f'moorage_service_{name}{{{SERVICE},instance="a"{more}}}'


def _member(name: str, more: str = "") -> str:
    return f'moorage_{name}{{{SERVICE},{POD},instance="a"{more}}}'


def _relay(name: str) -> str:
    return f'moorage_relay_{name}{{kind="slack",instance="a"}}'


def _health(colour: str) -> str:
    return _service("health", f',health="{colour}"')


def _condition(reason: str) -> str:
    return _service("condition", f',condition="BackupHealthy",status="False",reason="{reason}"')


def _volume(full_in: str, free: str = "10x99") -> dict[str, str]:
    return {
        _member("volume_full_in_seconds"): full_in,
        _member("volume_size_bytes"): "100x99",
        _member("volume_free_bytes"): free,
    }


_STALLED = _service("condition", ',condition="Stalled",status="True",reason="SomebodyMustAct"')
_NOT_READY = f'moorage_store_phase{{{STORE},instance="a",phase="NotReady"}}'
_REPAIR_FAILED = _service("repair_end_timestamp_seconds", ',outcome="Failed"')
_GIVEN_UP = _service("repair_end_timestamp_seconds", ',outcome="GivenUp"')
_EXPIRY = _service("certificate_expiry_timestamp_seconds")
_LEADS_A, _LEADS_B = 'moorage_operator_leading{instance="a"}', 'moorage_operator_leading{instance="b"}'
_AWAY = "stale _x18"
"""Nobody was there to be asked, for ten minutes."""
_FAILING = 'moorage_operator_failing_resources{instance="a",kind="DataBackup"}'
_OWN_METRICS = _service("condition", ',condition="MetricsHealthy",status="False",reason="QueryFails"')
_OWN_REFUSED = _OWN_METRICS.replace("QueryFails", "QueryRefused")
_OWN_ARE_WELL = _service("condition", ',condition="MetricsHealthy",status="True",reason="NoQueryFails"')
_BEGAN = _service("init_start_timestamp_seconds")
_RUNS, _IS_MADE = _service("init_phase", ',phase="Running"'), _service("init_phase", ',phase="Succeeded"')
_MEMBERS_SEEN = {_member("agent_start_timestamp_seconds"): "1x99", _health("yellow"): "0x99"}

STORIES = (
    Story("MoorageServiceRed", {_health("red"): RISES}, (5.5, 34.5), (0, 5, 36)),
    Story(
        "MoorageServiceRed", {_health("red"): RISES, _health("red").replace('"a"', '"b"'): RISES}, (6,), (5, 36),
        name="two replicas of the operator tell it, and it is one alert",
    ),
    Story(
        "MoorageServiceRed", {_health("red"): "1x99", _service("init_phase", ',phase="Running"'): "1x99"}, (), (0, 20, 40),
        name="a service that is being deployed is red and alarms nobody",
    ),
    Story(
        "MoorageServiceRed", {_health("red"): "0x9 1 0x50"}, (), (5, 5.5, 6),
        name="a fail-over that was seen in one scrape alarms nobody",
    ),
    Story(
        "MoorageServiceRed",
        {_health("red"): f"0x9 1x19 {_AWAY} 1x19 0x30", _LEADS_A: f"1x29 {_AWAY} 1x49"}, (6, 14, 15.5, 20, 24.5, 29), (5, 36),
        name="nobody is told that it is well again while no operator is there to say so",
    ),
    Story(
        "MoorageServiceRed",
        {_health("red"): f"0x9 1x19 {_AWAY} _x50", _LEADS_A: f"1x29 {_AWAY} 1x49"}, (6, 14, 20, 24.5), (5, 26),
        name="it was deleted while no operator was there",
    ),
    Story("MoorageWritesStopped", {_service("writes_stopped"): RISES}, (6, 34), (4, 36)),
    Story("MoorageServiceYellow", {_health("yellow"): RISES}, (21, 34), (4, 19, 36)),
    Story("MoorageServiceUnknown", {_health("unknown"): RISES}, (11, 34), (4, 9, 36)),
    Story(
        "MoorageNeedsSomebody",
        {_STALLED: "_x9 1x59 _x19"}, (8, 34), (4, 6, 42),
    ),
    Story(
        "MoorageNeedsSomebody",
        {_service("condition", ',condition="Stalled",status="False",reason="NothingInTheWay"'): "1x99"}, (), (0, 20, 40),
        name="a condition that does not hold is no alert",
    ),
    Story("MoorageOwnMetricsNotRead", {_OWN_METRICS: "_x9 1x79 stale", _OWN_ARE_WELL: "1x9 _x80 1x19"}, (36, 44), (4, 34, 46)),
    Story(
        "MoorageOwnMetricsNotRead", {_OWN_METRICS: "_x9 1x39 stale", _OWN_REFUSED: "_x49 1x39 stale"}, (36, 44), (34, 46),
        name="one query fails and then another is refused, and it is one alert",
    ),
    Story(
        "MoorageOwnMetricsNotRead", {_OWN_METRICS: "_x9 1x39 stale", _OWN_ARE_WELL: "1x9 _x40 1x59"}, (), (4, 20, 34, 50),
        name="a query that failed while a member was replaced alarms nobody",
    ),
    Story(
        "MoorageDeploymentSlow",
        {_BEGAN: "0x99", _RUNS: "1x59 _x30"}, (16, 29), (14, 36),
    ),
    Story(
        "MoorageDeploymentSlow",
        {_BEGAN: "0x99", _IS_MADE: "1x99"}, (), (16, 29),
        name="one that came to its end is never slow",
    ),
    Story(
        "MooragePrimaryChanged",
        {_member("member_term"): "3x9 4x59", _service("members_expected"): "3x99"}, (5, 6), (4.5, 8),
    ),
    Story(
        "MooragePrimaryChanged",
        {_member("member_term"): "3x9 4x59", _service("members_expected"): "1x99"}, (), (5, 6, 8),
        name="a service of one member has nobody else to be elected",
    ),
    Story(
        "MooragePrimaryChanged",
        {_member("member_term"): "0x9 1x59", _service("members_expected"): "3x99"}, (), (5, 6, 8),
        name="the first primary of a new service replaces nobody",
    ),
    Story(
        "MooragePrimaryChangesOften",
        {_member("member_term"): "3x9 4x9 5x9 6x9 8x300", _service("members_expected"): "3x999"}, (20, 60), (19, 66),
    ),
    Story(
        "MooragePrimaryChangesOften",
        {_member("member_term"): "3x9 4x9 5x9 16x300", _service("members_expected"): "3x999"}, (), (20, 40, 60),
        name="one election may take many terms",
    ),
    Story(
        "MooragePrimaryChangesOften",
        {_member("member_term"): "0x4 3x9 0x4 4x9 0x4 5x9 0x4 5x300", _service("members_expected"): "3x999"}, (), (4, 20, 30, 60),
        name="members that do not answer have elected nobody",
    ),
    Story(
        "MoorageRepairFailed",
        {_REPAIR_FAILED: "_x9 300x200", _health("green"): "0x999"}, (5, 60), (4, 66),
    ),
    Story(
        "MoorageRepairFailed",
        {_GIVEN_UP: "_x9 300x200", _health("green"): "0x29 1x200"}, (5, 14), (4, 16),
        name="it is over when the service is green",
    ),
    Story(
        "MoorageRepairsRepeat",
        {
            _service("repair_start_timestamp_seconds", ',outcome="Succeeded"'): "1x9 300x9 600x9 900x9 1200x200",
        },
        (20, 60), (19, 66),
    ),
    Story("MoorageCertificateNotRenewed", {_EXPIRY: f"{20 * DAY + 600}x99 {80 * DAY}x20"},
          (21, 49), (5, 19, 51)),
    Story("MoorageCertificateEnds", {_EXPIRY: f"{3 * DAY + 600}x99 {80 * DAY}x20"},
          (21, 49), (5, 19, 51)),
    Story("MoorageMaintenance", {_service("maintenance"): RISES}, (5, 34), (4, 36)),
    Story("MoorageDiskFull", {_member("volume_level", ',level="full"'): RISES}, (5.5, 34), (4, 5, 36)),
    Story("MoorageDiskFullIn4h", _volume("_x9 14400x59 _x19"), (11, 34), (4, 9, 41)),
    Story("MoorageDiskFullIn4h", _volume("21600x99"), (), (10, 30), name="six hours are not four"),
    Story("MoorageDiskFullIn4h", _volume("14400x99", free="60x99"), (), (10, 30),
          name="a copy fills an empty volume fast, and ends"),
    Story("MoorageDiskFullIn24h", _volume("_x9 86400x59 _x19"), (21, 34), (4, 19, 41)),
    Story("MoorageOutOfMemory", {_member("container_out_of_memory_kills_total"): "0x9 1x99"}, (6, 19), (4, 21)),
    Story("MoorageEngineNotMeasured", {_member("engine_running"): "1x99", _member("engine_measured"): "1x9 0x59 1x19"}, (16, 34),
          (4, 14, 36)),
    Story("MoorageEngineNotMeasured", {_member("engine_running"): "0x99", _member("engine_measured"): "0x99"}, (), (20, 40),
          name="one that is down says nothing, as its service's colour tells"),
    Story("MoorageMembersNotMeasured", {**_MEMBERS_SEEN, _service("members_expected"): "1x9 2x59 1x19"}, (16, 34), (4, 14, 36)),
    Story("MoorageMembersNotMeasured", {_service("members_expected"): "0x9 3x59 0x19"}, (16, 34), (4, 36),
          name="no member at all is scraped"),
    Story("MoorageMembersNotMeasured", {_service("members_expected"): "3x99", _health("yellow"): "1x99"}, (), (20, 40),
          name="a member that is away is told by the colour of its service"),
    Story("MoorageMongodbLag", {_member("mongodb_replication_lag_seconds"): "0x9 31x59 2x19"}, (8, 34), (4, 6, 36)),
    Story("MoorageMongodbOplogShort",
          {_member("mongodb_oplog_window_seconds"): "7200x9 1800x59 7200x19", _member("mongodb_oplog_used_bytes"): "95x99",
           _member("mongodb_oplog_size_bytes"): "100x99"}, (16, 34), (4, 14, 36)),
    Story("MoorageMongodbOplogShort",
          {_member("mongodb_oplog_window_seconds"): "60x99", _member("mongodb_oplog_used_bytes"): "5x99",
           _member("mongodb_oplog_size_bytes"): "100x99"}, (), (20, 40), name="that of a new service is short and nearly empty"),
    Story("MoorageMongodbConnections",
          {_member("mongodb_connections", ',state="open"'): "10x9 90x59 10x19",
           _member("mongodb_connections", ',state="free"'): "90x9 10x59 90x19"}, (11, 34), (4, 9, 36)),
    Story("MoorageMongodbRolledBack", {_member("mongodb_rolled_back_files"): "0x9 1x299"}, (6, 60), (4, 70)),
    Story("MoorageMysqlLag", {_member("mysql_replication_lag_seconds"): "0x9 31x59 2x19"}, (8, 34), (4, 6, 36)),
    Story("MoorageMysqlConnections",
          {_member("mysql_connections", ',state="open"'): "10x9 90x59 10x19",
           _member("mysql_connections", ',state="free"'): "90x9 10x59 90x19"}, (11, 34), (4, 9, 36)),
    Story("MoorageBackupMissed", {_condition("TooOld"): "_x9 1x59 _x19"}, (11, 34), (4, 9, 41)),
    Story("MoorageBackupMissed", {_condition("NotVerified"): "1x99"}, (), (20, 40),
          name="one that was not verified was not missed"),
    Story("MoorageBackupFailed", {_service("backup_last_failed"): RISES}, (5, 34), (4, 36)),
    Story("MoorageBackupFailed",
          {_service("backup_last_failed"): "0x9 1x99", _service("backup_phase", ',phase="Running"'): "_x9 1x9 _x9 1x9 _x99"},
          (6, 9, 14, 19, 24), (4,), name="it is not over because the next one begins"),
    Story("MoorageBackupNotVerified", {_condition("NotVerified"): "_x9 1x59 _x19"}, (11, 34), (4, 9, 41)),
    Story("MoorageLogBehind", {_service("window_end_timestamp_seconds"): "0x99 3000x40"}, (36, 49), (29, 34, 51)),
    Story("MoorageLogGap", {_service("window_gap_end_timestamp_seconds"): "_x9 300x999"}, (5, 360), (4, 366)),
    Story("MoorageRestoreFailed",
          {_service("restore_phase", ',phase="Failed"'): "1x299", _service("restore_end_timestamp_seconds"): "_x9 300x299"},
          (5, 60), (4, 66)),
    Story("MoorageStoreNotReady", {_NOT_READY: "_x9 1x59 _x19"}, (16, 34), (4, 14, 41)),
    Story("MoorageOperatorSilent", {_LEADS_A: "1x9 0x59 1x19", _LEADS_B: "0x99"},
          (8, 34), (4, 6, 36)),
    Story("MoorageOperatorSilent", {_LEADS_A: "1x9 0x90", _LEADS_B: "0x9 1x90"},
          (), (4, 8, 34), name="another replica takes over"),
    Story("MoorageOperatorBlind", {'moorage_operator_blind_watches{instance="a"}': RISES}, (11, 34), (4, 9, 36)),
    Story("MoorageOperatorFailing", {_FAILING: RISES}, (21, 34), (4, 19, 36),
          labels=(("kind", "DataBackup"),)),
    Story("MoorageMessagesNotDelivered",
          {_relay("refused_total"): "0x9 1x299", _relay("given_up_total"): "0x299"}, (6, 60), (4, 70),
          labels=(("kind", "slack"),)),
    Story("MoorageMessagesNotDelivered",
          {_relay("waiting_since_timestamp_seconds"): "_x9 300x59 _x19"}, (16, 34), (4, 14, 41), labels=(("kind", "slack"),),
          name="one that waits for ten minutes"),
    Story("MoorageWatchdog", {}, (0, 1, 60), (), name="it always fires"),
)  # fmt: skip
