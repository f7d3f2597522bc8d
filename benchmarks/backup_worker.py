"""One task in a process of its own, as a worker's Pod does it; what its folder does not hold is not imported here either."""

import json
import sys
from pathlib import Path

from moorage.agent.install import LEFT_BEHIND

for absent in LEFT_BEHIND["worker"]:
    sys.modules[absent] = None  # type: ignore[assignment] # cannot be imported

from moorage.core.task import task_from_json  # noqa: E402
from moorage.engines.backup import Places  # noqa: E402
from moorage.worker.main import do  # noqa: E402
from moorage.worker.work import Mounts, Work  # noqa: E402


def main() -> None:
    given = json.load(sys.stdin)
    places = Places(**{name: Path(given[name]) for name in ("internal", "tls", "data", "scratch")})
    report = do(Work(task_from_json(given["task"]), Mounts(credentials=Path(given["credentials"]), engine=places)))
    # `ru_maxrss` would begin with what the parent had when it forked
    most = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:"))
    sys.stdout.write(f"\n{json.dumps({'report': json.loads(report.to_json()), 'mib': int(most.split()[1]) / 1024})}\n")


if __name__ == "__main__":
    main()
