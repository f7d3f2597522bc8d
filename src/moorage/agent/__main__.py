"""`python -m moorage.agent`: PID 1 of a member's container."""

import sys

from moorage.agent.reaper import run_as_child


def _agent() -> int:
    from moorage.agent.entry import main  # noqa: PLC0415 - after the fork: PID 1 stays small, it only reaps

    return main()


sys.exit(run_as_child(_agent))
