"""`python -m moorage.worker`: the one process of a worker's container, and the parent of the engine's tools."""

import sys

from moorage.worker.main import main

sys.exit(main())
