"""`python -m benchmarks.idle --minutes 5`: what a service costs that nobody uses.

Counts what was written to the API server about it, and reads the processes' own accounts: memory as proportional set size (a page
that is shared counts in parts), processor time as a share of one core. Needs the running cluster.
"""

import argparse
import json
import os
import time
from pathlib import Path

from moorage.core.names import LABEL_INSTANCE
from tests.e2e.cluster import kubectl, wait_green

KINDS = "dataservices,pods,services,endpointslices,secrets,statefulsets,poddisruptionbudgets,persistentvolumeclaims"
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def versions(service: str) -> dict[str, str]:
    """Object → its resourceVersion, of everything that belongs to the service."""
    listed = json.loads(kubectl("get", KINDS, "-l", f"{LABEL_INSTANCE}={service}", "-o", "json"))["items"]
    listed.append(json.loads(kubectl("get", "dataservice", service, "-o", "json")))
    return {f"{item['kind']}/{item['metadata']['name']}": item["metadata"]["resourceVersion"] for item in listed}


def processes(word: str) -> dict[int, str]:
    """Process id → what it is, of every process that runs this module."""
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            words = (entry / "cmdline").read_text().split("\0")
        except OSError:
            continue  # it ended while we looked
        if word in words:
            found[int(entry.name)] = word
    return found


def environment(pid: int) -> str:
    """Empty when it ended while we looked."""
    try:
        return Path(f"/proc/{pid}/environ").read_text(errors="replace")
    except OSError:
        return ""


def memory_mib(pid: int) -> float:
    """Proportional set size."""
    line = next(line for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines() if line.startswith("Pss:"))
    return int(line.split()[1]) / 1024


def processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND


def _report(name: str, pids: list[int], before: dict[int, float], seconds: float) -> None:
    shares = [(processor_seconds(pid) - before[pid]) / seconds * 100 for pid in pids]
    memory = [memory_mib(pid) for pid in pids]
    print(f"| {name} | {len(pids)} | {max(memory):.0f} MiB | {sum(shares) / len(shares):.2f} % | {max(shares):.2f} % |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--service", default="demo")
    given = parser.parse_args()
    wait_green(given.service)
    mine = f"MOORAGE_SERVICE={given.service}\0"
    groups = {
        name: sorted(pid for pid in processes(word) if word != "moorage.agent" or mine in environment(pid))
        for name, word in (("agent and its PID 1, each", "moorage.agent"), ("operator", "moorage.operator"))
    }
    before = {pid: processor_seconds(pid) for pids in groups.values() for pid in pids}
    at_first, started = versions(given.service), time.monotonic()
    time.sleep(given.minutes * 60)  # the length of the measurement, not a wait for something
    seconds, at_last = time.monotonic() - started, versions(given.service)
    written = sorted(key for key in at_first.keys() | at_last.keys() if at_first.get(key) != at_last.get(key))
    print("| processes | count | largest memory | mean share of a core | largest share |\n|---|---|---|---|---|")
    for name, pids in groups.items():
        _report(name, pids, before, seconds)
    told = ", ".join(written) or "none"
    print(f"\nobjects of {given.service} that were written in {seconds:.0f} s: {told} (of {len(at_last)})")


if __name__ == "__main__":
    main()
