"""A process stands still (SIGSTOP) and goes on later, as if nothing had been: the engine's, or its agent's."""

from tests.chaos import bench, processes
from tests.chaos.faults.fault import PRIMARY, SECONDARY, Fault, Named, Scene


def _freeze_engine(scene: Scene) -> None:
    scene.notes["pid"] = bench.engine_pid(scene.victim)
    processes.freeze(scene.notes["pid"])


def _freeze_agent(scene: Scene) -> None:
    scene.notes["pid"] = processes.parent(bench.engine_pid(scene.victim))
    processes.freeze(scene.notes["pid"])


def _thaw(scene: Scene) -> None:
    processes.thaw(scene.notes["pid"])


def _kill_agent(scene: Scene) -> None:
    processes.kill(processes.parent(bench.engine_pid(scene.victim)))


FAULTS = (
    Fault(
        name="freeze",
        targets=(PRIMARY, SECONDARY),
        does="the engine stands still for 5 to 20 s and goes on",
        happens="the others elect; when it goes on it finds a newer term and follows",
        start=_freeze_engine,
        heal=_thaw,
        lasts_seconds=(5.0, 20.0),
        gap_seconds={PRIMARY: 7.0, SECONDARY: 1.0},
        named=Named(r"{victim} (is down|is not heard by|does not answer)"),
    ),
    Fault(
        name="freeze-agent",
        targets=(PRIMARY, SECONDARY),
        does="the agent stands still for 10 to 20 s and goes on",
        happens="its engine is well and goes on serving: nobody takes over",
        start=_freeze_agent,
        heal=_thaw,
        lasts_seconds=(10.0, 20.0),
        gap_seconds={PRIMARY: 1.0, SECONDARY: 1.0},
        changes_max={PRIMARY: 0},
        named=Named(r"{victim} is not heard from: the agent does not answer"),
    ),
    Fault(
        name="hang-agent",
        targets=(PRIMARY,),
        does="the agent stands still and never goes on",
        happens="the kubelet starts its container anew, the engine with it, and a peer takes over",
        start=_freeze_agent,
        gap_seconds={PRIMARY: 7.0},
        named=Named(r"{victim} is not heard from: the agent does not answer"),
        lasts_seconds=(45.0, 45.0),
    ),
    Fault(
        name="crash-agent",
        targets=(PRIMARY, SECONDARY),
        does="`kill -9` of the agent",
        happens="the kernel ends the engine with it; peers see their connection to the agent end and elect; the container starts",
        start=_kill_agent,
        gap_seconds={PRIMARY: 2.0, SECONDARY: 1.0},
        named=Named(r"{victim} (is down|is not heard|cannot run)|no primary|does not lead to the primary"),
    ),
)
