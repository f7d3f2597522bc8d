"""What people who know MySQL look at first. Pure."""

from moorage.core.panels import Panel, Row, Unit, Words, gauge, line, mean_seconds, quantile, rate

_P = "moorage_mysql_"
_OPEN, _FREE = gauge(f"{_P}connections", 'state="open"'), gauge(f"{_P}connections", 'state="free"')
_LATENCY = f"{_P}statement_duration_seconds"
_SIZE = gauge(f"{_P}buffer_pool_size_bytes")
_READS = f"{_P}buffer_pool_reads_total"
_FOUND = rate(_READS, 'place="memory"')

ROWS = (
    Row(
        Words("Load", "负载"),
        (
            Panel(Words("Statements", "语句数"), (line(rate(f"{_P}statements_total")),), Unit.PER_SECOND),
            Panel(Words("By what they do", "按类型"), (line(rate(f"{_P}commands_total", by="type"), "{{type}}"),),
                Unit.PER_SECOND),
            Panel(
                Words("Latency", "延迟"),
                (line(mean_seconds(_LATENCY, "pod"), Words("{{pod}} mean", "{{pod}} 平均")),
                    line(quantile(0.99, _LATENCY, "pod"), "{{pod}} 99 %")),
                Unit.SECONDS,
            ),
            Panel(Words("Connections used", "连接使用率"), (line(f"{_OPEN} / ({_OPEN} + {_FREE})"),), Unit.SHARE),
            Panel(Words("Connections", "连接数"), (line(_OPEN), line(gauge(f"{_P}active_connections"),
                Words("{{pod}} active", "{{pod}} 活跃")))),
            Panel(
                Words("Refused and aborted connections", "被拒绝与中断的连接"),
                (line(rate(f"{_P}connections_refused_total"), Words("{{pod}} refused", "{{pod}} 被拒绝")),
                    line(rate(f"{_P}aborted_connections_total", by="pod, of"), "{{pod}} {{of}}")),
                Unit.PER_SECOND,
            ),
            Panel(Words("New connections", "新建连接"), (line(rate(f"{_P}connections_created_total")),), Unit.PER_SECOND,
                says=Words("Many: an application without a pool.", "过多说明应用未使用连接池。")),
            Panel(
                Words("Network", "网络流量"), (line(rate(f"{_P}network_bytes_total", by="direction"), "{{direction}}"),),
                Unit.BYTES_PER_SECOND,
            ),
            Panel(Words("Rows", "行数"), (line(rate(f"{_P}rows_total", by="action"), "{{action}}"),), Unit.PER_SECOND),
        ),
    ),
    Row(
        Words("Slow statements and locks", "慢语句与锁"),
        (
            Panel(Words("Slow statements", "慢语句"), (line(rate(f"{_P}slow_statements_total")),), Unit.PER_SECOND,
                says=Words("Longer than `long_query_time`.", "超过 `long_query_time`。")),
            Panel(Words("Running for 10 s or longer", "运行超过 10 秒的语句"), (line(gauge(f"{_P}long_statements")),)),
            Panel(Words("Whole tables read", "全表扫描"), (line(rate(f"{_P}unindexed_reads_total", by="type"), "{{type}}"),),
                Unit.PER_SECOND, says=Words("For want of an index.", "缺少索引。")),
            Panel(Words("Waiting for a row", "等待行锁的语句"), (line(gauge(f"{_P}row_lock_waiters")),)),
            Panel(Words("Time spent waiting for rows", "行锁等待"), (line(rate(f"{_P}row_lock_wait_seconds_total")),),
                says=Words("Seconds of waiting in a second.", "每秒等待的秒数。")),
            Panel(
                Words("Deadlocks and given up waits", "死锁与锁超时"),
                (line(rate(f"{_P}deadlocks_total"), Words("{{pod}} deadlocks", "{{pod}} 死锁")),
                    line(rate(f"{_P}lock_timeouts_total"), Words("{{pod}} given up", "{{pod}} 超时"))),
                Unit.PER_SECOND,
            ),
            Panel(Words("Temporary tables", "临时表"), (line(rate(f"{_P}temporary_tables_total", by="place"), "{{place}}"),),
                Unit.PER_SECOND),
            Panel(Words("Sorts that needed the disk", "磁盘排序"), (line(rate(f"{_P}sort_merge_passes_total")),),
                Unit.PER_SECOND),
            Panel(Words("Old rows that are kept", "Undo 历史长度"), (line(gauge(f"{_P}undo_history_length")),),
                says=Words("It grows while a long transaction is open.", "长事务未结束时会增长。")),
        ),
    ),
    Row(
        Words("Group replication", "组复制"),
        (
            Panel(Words("Lag", "复制延迟"), (line(gauge(f"{_P}replication_lag_seconds")),), Unit.SECONDS),
            Panel(
                Words("Transactions that wait", "排队的事务"),
                (line(gauge(f"{_P}replication_queue", by="pod, state"), "{{pod}} {{state}}"),),
                says=Words("`to-apply` grows: the member falls behind, and the group slows its writers down.",
                    "`to-apply` 增长说明成员落后，组会限制写入。"),
            ),
            Panel(
                Words("Transactions", "事务结果"),
                (line(rate(f"{_P}replication_transactions_total", by="outcome"), "{{outcome}}"),), Unit.PER_SECOND,
            ),
            Panel(Words("Members heard", "可见成员"), (line(gauge(f"{_P}members_heard")),)),
        ),
    ),
    Row(
        Words("Buffer pool and disk", "缓冲池与磁盘"),
        (
            Panel(Words("Buffer pool used", "缓冲池使用率"), (line(f"{gauge(f'{_P}buffer_pool_used_bytes')} / {_SIZE}"),),
                Unit.SHARE),
            Panel(
                Words("Pages found in it", "缓冲池命中率"),
                (line(f"{_FOUND} / ({rate(_READS)} > 0)"),), Unit.SHARE,
                says=Words("Below 0.99 for long: more memory would help.", "长期低于 0.99 时应增加内存。"),
            ),
            Panel(Words("Dirty", "脏页占比"), (line(f"{gauge(f'{_P}buffer_pool_dirty_bytes')} / {_SIZE}"),), Unit.SHARE),
            Panel(Words("Data files", "数据文件读写"), (line(rate(f"{_P}data_bytes_total", by="direction"), "{{direction}}"),),
                Unit.BYTES_PER_SECOND),
            Panel(Words("Log written", "日志写入"), (line(rate(f"{_P}log_written_bytes_total")),), Unit.BYTES_PER_SECOND),
            Panel(
                Words("Waits for room", "等待空间"),
                (line(rate(f"{_P}buffer_pool_waits_total"), Words("{{pod}} buffer pool", "{{pod}} 缓冲池")),
                    line(rate(f"{_P}log_waits_total"), Words("{{pod}} log", "{{pod}} 日志"))),
                Unit.PER_SECOND,
            ),
        ),
    ),
)  # fmt: skip
