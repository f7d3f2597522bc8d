"""One small service for the tests that share it; everything that a test deploys is removed again."""

from collections.abc import Iterator

import pytest

from tests.e2e.cluster import kubectl, wait_green

MANIFEST = """
apiVersion: moorage.dev/v1
kind: DataService
metadata: {{name: {name}}}
spec:
  engine: mongodb
  storage: {{size: 1Gi}}
  resources: {{cpu: 200m, memory: 512Mi}}
  onDelete: Delete
"""


@pytest.fixture(scope="session")
def orders() -> Iterator[str]:
    """A green three-member service; not the one of a run that was killed, with what that had written."""
    kubectl("delete", "mds", "orders", "--ignore-not-found", "--timeout=150s")
    kubectl("apply", "-f", "-", stdin=MANIFEST.format(name="orders"))
    wait_green("orders")
    yield "orders"
    kubectl("delete", "mds", "orders", "--ignore-not-found", "--timeout=150s")
