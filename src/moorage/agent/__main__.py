"""`python -m moorage.agent`: PID 1 of a member's container."""

import sys

from moorage.agent.main import main
from moorage.agent.reaper import run_as_child

sys.exit(run_as_child(main))
