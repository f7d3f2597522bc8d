"""The engine's process dies: `kill -9`."""

from tests.chaos import bench
from tests.chaos.faults.fault import ALL, MAJORITY, PRIMARY, SECONDARY, Fault, Named, Scene
from tests.chaos.processes import kill


def _start(scene: Scene) -> None:
    for pid in [bench.engine_pid(member) for member in scene.victims]:
        kill(pid)


FAULTS = (
    Fault(
        name="crash",
        targets=(PRIMARY, SECONDARY, MAJORITY, ALL),
        does="`kill -9` of the engine",
        happens="its agent, the parent, sees it at once: a peer takes over, the engine is started again and follows",
        start=_start,
        gap_seconds={PRIMARY: 2.0, SECONDARY: 1.0, MAJORITY: 30.0, ALL: 30.0},
        named=Named(r"{victim}( is|.* are) down"),
    ),
)
