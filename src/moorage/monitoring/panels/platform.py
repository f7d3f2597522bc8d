"""Moorage itself: its operator, and the agents beside the members. Pure."""

from moorage.core.panels import RANGE, About, Dashboard, Draw, Panel, Row, Step, Unit, Words, line

_O, _A = "moorage_operator_", "moorage_agent_"
_REPLICA, _MEMBER = "{{instance}}", "{{namespace}}/{{service}} {{pod}}"
_AMISS = (Step(0, "green"), Step(1, "red"))
_NOW = ((0, Words("no", "否"), "text"), (1, Words("yes", "是"), "blue"))


def _by_kind(name: str) -> str:
    return f"sum by (kind) (rate({_O}{name}[{RANGE}]))"


def _largest(expr: str, by: str = "namespace, service, pod") -> str:
    return f"topk(10, max by ({by}) ({expr}))"


OPERATOR = Row(
    Words("Operator", "Operator"),
    (
        Panel(Words("Who leads", "主副本"), (line(f"max by (instance) ({_O}leading)", _REPLICA),), draw=Draw.STATES, names=_NOW),
        Panel(Words("Who tells of the services", "指标副本"), (line(f"max by (instance) ({_O}telling)", _REPLICA),),
            draw=Draw.STATES, names=_NOW),
        Panel(
            Words("Version", "版本"), (line(f"max by (version) ({_O}info)", "{{version}}"),), draw=Draw.STATES,
            names=((1, Words("runs", "运行中"), "blue"),),
        ),
        Panel(
            Words("Kinds that it may not see", "无权查看的资源类型"),
            (line(f"max by (instance) ({_O}blind_watches)", _REPLICA),), steps=_AMISS,
        ),
        Panel(
            Words("Resources whose last look failed", "处理失败的资源"),
            (line(f"max by (kind) ({_O}failing_resources)", "{{kind}}"),), steps=_AMISS,
        ),
        Panel(Words("Resources that wait", "等待处理的资源"), (line(f"max by (instance) ({_O}queue_length)", _REPLICA),)),
        Panel(Words("Looks at a resource", "处理次数"), (line(_by_kind("passes_total"), "{{kind}}"),), Unit.PER_SECOND),
        Panel(Words("Looks that failed", "失败次数"), (line(_by_kind("pass_failures_total"), "{{kind}}"),), Unit.PER_SECOND),
        Panel(
            Words("Duration of a look", "单次处理耗时"),
            (line(f"{_by_kind('pass_duration_seconds_total')} / ({_by_kind('passes_total')} > 0)", "{{kind}}"),), Unit.SECONDS,
        ),
        Panel(Words("Processors", "CPU"), (line(f"max by (instance) (rate({_O}cpu_seconds_total[{RANGE}]))", _REPLICA),)),
        Panel(Words("Most memory", "内存峰值"), (line(f"max by (instance) ({_O}memory_peak_bytes)", _REPLICA),), Unit.BYTES),
        Panel(Words("Objects that it knows", "已知对象"), (line(f"max by (kind) ({_O}objects)", "{{kind}}"),)),
    ),
)  # fmt: skip

AGENTS = Row(
    Words("Agents", "Agent"),
    (
        Panel(
            Words("Longest silent", "最久未循环"), (line(_largest(f"{_A}silent_seconds"), _MEMBER),), Unit.SECONDS,
            says=Words("How long ago an agent's loop turned.", "Agent 主循环距上次运行的时间。"),
        ),
        Panel(Words("Most processors", "CPU 最高"), (line(_largest(f"rate({_A}cpu_seconds_total[{RANGE}])"), _MEMBER),)),
        Panel(Words("Most memory", "内存峰值最高"), (line(_largest(f"{_A}memory_peak_bytes"), _MEMBER),), Unit.BYTES),
        Panel(
            Words("Slowest answers to a scrape", "采集最慢"), (line(_largest("moorage_engine_measuring_seconds"), _MEMBER),),
            Unit.SECONDS, says=Words("How long the engine took to say its metrics.", "引擎返回指标的耗时。"),
        ),
        Panel(
            Words("Engines that did not say their metrics", "未返回指标的引擎"),
            (line("count(max by (namespace, service, pod) (moorage_engine_measured) == 0) or vector(0)",
                Words("members", "成员数")),),
            steps=_AMISS,
        ),
        Panel(
            Words("Orders that are not carried out", "未执行的指令"),
            (line("count(max by (namespace, service, pod) (moorage_member_order_failing) == 1) or vector(0)",
                Words("members", "成员数")),),
            steps=_AMISS,
        ),
    ),
)  # fmt: skip

PLATFORM = Dashboard("moorage-platform", Words("Moorage itself", "Moorage 自身"), About.PLATFORM, (OPERATOR, AGENTS))
