"""What people who know MongoDB look at first. Pure."""

from moorage.core.panels import OF_SERVICE, Panel, Row, Unit, Words, gauge, line, mean_seconds, quantile, rate

_P = "moorage_mongodb_"
_TYPED = "{{type}}"
_OPEN, _FREE = gauge(f"{_P}connections", 'state="open"'), gauge(f"{_P}connections", 'state="free"')
_SIZE = gauge(f"{_P}cache_size_bytes")
_LATENCY = f"{_P}operation_duration_seconds"

_LOOKED_AT, _RETURNED = rate(f"{_P}examined_total", 'of="documents"'), rate(f"{_P}documents_total", 'action="returned"')
_WON = f"{_P}elections_won_total{{{OF_SERVICE}}}"

ROWS = (
    Row(
        Words("Load", "负载"),
        (
            Panel(Words("Operations", "操作数"), (line(rate(f"{_P}operations_total", by="type"), _TYPED),), Unit.PER_SECOND),
            Panel(Words("Mean latency", "平均延迟"), (line(mean_seconds(_LATENCY, "type"), _TYPED),), Unit.SECONDS),
            Panel(
                Words("Latency of 99 %", "P99 延迟"), (line(quantile(0.99, _LATENCY, "type"), _TYPED),), Unit.SECONDS,
                says=Words("Between the borders of the engine's own buckets it is an estimate.", "桶边界之间为估计值。"),
            ),
            Panel(
                Words("Connections used", "连接使用率"), (line(f"{_OPEN} / ({_OPEN} + {_FREE})"),), Unit.SHARE,
            ),
            Panel(Words("Connections", "连接数"), (line(_OPEN), line(gauge(f"{_P}active_connections"),
                Words("{{pod}} active", "{{pod}} 活跃")))),
            Panel(Words("New connections", "新建连接"), (line(rate(f"{_P}connections_created_total")),), Unit.PER_SECOND,
                says=Words("Many: an application without a pool.", "过多说明应用未使用连接池。")),
            Panel(
                Words("Network", "网络流量"), (line(rate(f"{_P}network_bytes_total", by="direction"), "{{direction}}"),),
                Unit.BYTES_PER_SECOND,
            ),
            Panel(Words("Documents", "文档数"), (line(rate(f"{_P}documents_total", by="action"), "{{action}}"),),
                Unit.PER_SECOND),
            Panel(Words("Transactions", "事务数"), (line(rate(f"{_P}transactions_total", by="outcome"), "{{outcome}}"),),
                Unit.PER_SECOND),
        ),
    ),
    Row(
        Words("Slow operations", "慢操作"),
        (
            Panel(Words("Running for 10 s or longer", "运行超过 10 秒的操作"), (line(gauge(f"{_P}long_operations")),)),
            Panel(
                Words("Looked at for one that is returned", "每返回一个文档扫描数"),
                (line(f"{_LOOKED_AT} / ({_RETURNED} > 0)"),),
                says=Words("Far above 1: an index is missing.", "远大于 1 说明缺少索引。"),
            ),
            Panel(
                Words("Queries without an index", "未使用索引"),
                (line(rate(f"{_P}collection_scans_total"), Words("{{pod}} whole collections", "{{pod}} 全表扫描")),
                    line(rate(f"{_P}unindexed_sorts_total"), Words("{{pod}} sorts", "{{pod}} 排序"))),
                Unit.PER_SECOND,
            ),
            Panel(Words("Waiting for a lock", "等待锁"), (line(gauge(f"{_P}queued_operations", by="pod, type"),
                "{{pod}} {{type}}"),)),
            Panel(
                Words("Free tickets", "可用并发票"), (line(gauge(f"{_P}tickets", 'state="free"', "pod, type"),
                    "{{pod}} {{type}}"),),
                says=Words("At 0 operations wait.", "为 0 时操作需要等待。"),
            ),
            Panel(Words("Write conflicts", "写冲突"), (line(rate(f"{_P}write_conflicts_total")),), Unit.PER_SECOND),
        ),
    ),
    Row(
        Words("Replication", "复制"),
        (
            Panel(Words("Lag", "复制延迟"), (line(gauge(f"{_P}replication_lag_seconds")),), Unit.SECONDS),
            Panel(
                Words("Majority behind", "多数派延迟"), (line(gauge(f"{_P}majority_lag_seconds")),), Unit.SECONDS,
                says=Words("It makes writes with `w: majority` wait.", "`w: majority` 的写入会因此等待。"),
            ),
            Panel(Words("Oplog covers", "Oplog 时间窗口"), (line(gauge(f"{_P}oplog_window_seconds")),), Unit.SECONDS),
            Panel(
                Words("Elections won", "赢得选举"),
                (line(f"sum by (pod, reason) (increase({_WON}[1h])) > 0", "{{pod}}: {{reason}}"),),
                says=Words("Within the hour before.", "此前一小时内。"),
            ),
            Panel(
                Words("Slowed down by flow control", "流控等待"), (line(rate(f"{_P}flow_control_wait_seconds_total")),),
                says=Words("Seconds of waiting in a second.", "每秒等待的秒数。"),
            ),
            Panel(
                Words("Waiting for confirmation", "等待写确认"), (line(rate(f"{_P}write_concern_wait_seconds_total")),),
                says=Words("Seconds of waiting in a second.", "每秒等待的秒数。"),
            ),
        ),
    ),
    Row(
        Words("Cache and disk", "缓存与磁盘"),
        (
            Panel(Words("Cache used", "缓存使用率"), (line(f"{gauge(f'{_P}cache_used_bytes')} / {_SIZE}"),), Unit.SHARE,
                says=Words("At 0.8 pages are evicted; at 0.95 clients must help.", "0.8 开始淘汰；0.95 时由客户端线程淘汰。")),
            Panel(Words("Cache dirty", "脏页占比"), (line(f"{gauge(f'{_P}cache_dirty_bytes')} / {_SIZE}"),), Unit.SHARE,
                says=Words("At 0.2 clients must help.", "0.2 时由客户端线程刷写。")),
            Panel(Words("Evicted by clients", "客户端线程淘汰页数"), (line(rate(f"{_P}cache_client_evictions_total")),),
                Unit.PER_SECOND, says=Words("Each makes somebody wait.", "每次都会使客户端等待。")),
            Panel(
                Words("Cache reads and writes", "缓存读写"),
                (line(rate(f"{_P}cache_read_bytes_total"), Words("{{pod}} read", "{{pod}} 读")),
                    line(rate(f"{_P}cache_written_bytes_total"), Words("{{pod}} written", "{{pod}} 写"))),
                Unit.BYTES_PER_SECOND,
            ),
            Panel(Words("Duration of a checkpoint", "检查点耗时"), (line(gauge(f"{_P}checkpoint_duration_seconds")),),
                Unit.SECONDS,
                says=Words("Long: the disk is slow.", "过长说明磁盘慢。")),
            Panel(Words("Page faults", "缺页"), (line(rate(f"{_P}page_faults_total")),), Unit.PER_SECOND),
        ),
    ),
)  # fmt: skip
