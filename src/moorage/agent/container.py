"""What the kernel says of this container: memory and processors, by control groups of either version."""

from collections.abc import Mapping
from pathlib import Path

from moorage.agent.memory import CONTROL_GROUPS, kills

NO_LIMIT_BYTES = 2**60
"""Version 1 says about 2**63 where there is none."""


def measure(groups: Path = CONTROL_GROUPS) -> dict[str, float]:
    """What `core.member_metrics.CONTAINER` is read from; without what the kernel does not say."""
    found = _version_2(groups) if (groups / "cgroup.controllers").exists() else _version_1(groups)
    return {name: value for name, value in {**found, "out_of_memory_kills": kills(groups)}.items() if value is not None}


def _version_2(groups: Path) -> dict[str, float | None]:
    memory, cpu = _table(groups / "memory.stat"), _table(groups / "cpu.stat")
    quota, _, period = _text(groups / "cpu.max").partition(" ")
    return {
        "memory_bytes": _without(_number(groups / "memory.current"), memory.get("inactive_file")),
        "memory_limit_bytes": _number(groups / "memory.max"),
        "cpu_seconds": _scaled(cpu.get("usage_usec"), 1e-6),
        "throttled_seconds": _scaled(cpu.get("throttled_usec"), 1e-6),
        "cpu_limit": int(quota) / int(period) if quota.isdigit() and period.isdigit() else None,
    }


def _version_1(groups: Path) -> dict[str, float | None]:
    memory, cpu = _table(groups / "memory/memory.stat"), _table(groups / "cpu/cpu.stat")
    limit = _number(groups / "memory/memory.limit_in_bytes")
    quota, period = _number(groups / "cpu/cpu.cfs_quota_us"), _number(groups / "cpu/cpu.cfs_period_us")
    return {
        "memory_bytes": _without(_number(groups / "memory/memory.usage_in_bytes"), memory.get("total_inactive_file")),
        "memory_limit_bytes": limit if limit is not None and limit < NO_LIMIT_BYTES else None,
        "cpu_seconds": _scaled(_number(groups / "cpuacct/cpuacct.usage"), 1e-9),
        "throttled_seconds": _scaled(cpu.get("throttled_time"), 1e-9),
        "cpu_limit": quota / period if quota is not None and period and quota > 0 else None,
    }


def _without(total: float | None, reclaimable: float | None) -> float | None:
    """As the kubelet counts before it evicts somebody."""
    return None if total is None else max(0.0, total - (reclaimable or 0))


def _scaled(value: float | None, by: float) -> float | None:
    return None if value is None else value * by


def _text(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""


def _number(path: Path) -> float | None:
    """None: it is not there, or it is a word, such as `max`."""
    try:
        return float(_text(path))
    except ValueError:
        return None


def _table(path: Path) -> Mapping[str, float]:
    """Lines `name number`."""
    pairs = (line.split() for line in _text(path).splitlines())
    return {pair[0]: float(pair[1]) for pair in pairs if len(pair) == 2 and pair[1].isdigit()}
