"""What Moorage and its members stand on is away: the API server, DNS, the operator; and then somebody dies."""

import threading

from devcluster import faults
from tests.chaos import bench, processes
from tests.chaos.faults import data
from tests.chaos.faults.fault import PRIMARY, SECONDARY, Fault, Named, NotNamed, Scene
from tests.e2e.cluster import kubectl, scale_operator

KILLS = 12


def _stop_api(scene: Scene) -> None:
    pid = bench.engine_pid(scene.victim)
    faults.stop_process("apiserver")
    if scene.target == PRIMARY:
        processes.kill(pid)


def _start_api(scene: Scene) -> None:
    del scene
    faults.start_process("apiserver")
    faults.HOST_PROCESSES["controller"]()


def _stop_dns(scene: Scene) -> None:
    faults.stop_process("dns")
    if scene.target in (PRIMARY, SECONDARY):
        processes.kill(bench.engine_pid(scene.victim))


def _start_dns(scene: Scene) -> None:
    del scene
    faults.start_process("dns")


def _without_operator(scene: Scene) -> None:
    scale_operator(0)
    processes.kill(bench.engine_pid(scene.victim))


def _with_operator(scene: Scene) -> None:
    del scene
    scale_operator(2)


def _kill_operators_while_they_repair(scene: Scene) -> None:
    """Both replicas, again and again, at moments that the dice choose, from before the repair begins until after it ended."""
    pauses = [scene.random.uniform(0.2, 4.0) for _ in range(KILLS)]
    stop = scene.notes["stop"] = threading.Event()
    scene.notes["killed"] = 0

    def kill() -> None:
        for seconds in pauses:
            if stop.wait(seconds):
                return
            found = processes.operators()
            for pid in found:
                processes.kill(pid)
            scene.notes["killed"] += len(found)

    scene.notes["thread"] = threading.Thread(target=kill, daemon=True)
    data.damage(scene)
    scene.notes["thread"].start()
    scene.notes["reader"] = threading.Thread(target=data.read_all, args=(scene,), daemon=True)
    scene.notes["reader"].start()


def _leave_operators_alone(scene: Scene) -> None:
    scene.notes["stop"].set()
    scene.notes["thread"].join(10)
    scene.notes["reader"].join(data.READ_SECONDS)


def _were_killed(scene: Scene) -> list[str]:
    few = [] if scene.notes["killed"] >= 2 else [f"only {scene.notes['killed']} operators were killed"]
    return [*few, *data.was_seen(scene)]


def _waits_for_operator(scene: Scene) -> list[str]:
    """Its replicas are there again: a standby takes over within 15 s, and what they are told of old is nothing."""
    del scene
    kubectl("-n", "moorage-system", "rollout", "status", "deployment", "moorage", "--timeout=90s")
    return []


API, DNS, OPERATOR = "api-server", "dns", "operator"
FAULTS = (
    Fault(
        name="api-down",
        targets=(API, PRIMARY),
        does="the API server is away for 15 to 30 s; with target `primary` the primary's engine is killed in that time",
        happens=(
            "services run on, members elect, and the agent that the address leads to passes clients on to the new primary; green "
            "comes within seconds, and 90 s later, when no kube-proxy leads clients there any more, that member's engine goes "
            "back to its port: it is yellow once more for a second or two"
        ),
        start=_stop_api,
        heal=_start_api,
        lasts_seconds=(15.0, 30.0),
        gap_seconds={API: 1.0, PRIMARY: 2.0},
        changes_max={API: 0},
        named=NotNamed("nothing can be written where people look; `kubectl` itself says that the API server is away"),
        pairs=False,
    ),
    Fault(
        name="dns-down",
        targets=(DNS, SECONDARY, PRIMARY),
        does="the cluster's DNS is away for 15 to 30 s; with a member as target its engine is killed in that time",
        happens="connections that stand go on; members find each other where they were last, fail over and start again",
        start=_stop_dns,
        heal=_start_dns,
        lasts_seconds=(15.0, 30.0),
        gap_seconds={DNS: 1.0, SECONDARY: 1.0, PRIMARY: 5.0},
        changes_max={DNS: 0},
        named=NotNamed("no member is away because of it; one that dies is named as such (`crash`)"),
    ),
    Fault(
        name="operator-killed",
        targets=(OPERATOR,),
        does="both operators are killed (`kill -9`) again and again while a primary with damaged data is repaired",
        happens="the next one goes on from what it sees",
        start=_kill_operators_while_they_repair,
        heal=_leave_operators_alone,
        afterwards=_were_killed,
        lasts_seconds=(25.0, 35.0),
        gap_seconds={OPERATOR: 2.0},
        named=Named(r"{victim} is down|{victim} .*(damaged|corrupted)"),
        rebuilds=True,
        green_seconds=300.0,
        pairs=False,
    ),
    Fault(
        name="operator-absent",
        targets=(PRIMARY, SECONDARY),
        does="no operator runs, and an engine is killed; 15 to 25 s later they are back",
        happens="the members fail over alone, the address included",
        start=_without_operator,
        heal=_with_operator,
        afterwards=_waits_for_operator,
        lasts_seconds=(15.0, 25.0),
        gap_seconds={PRIMARY: 2.0, SECONDARY: 1.0},
        named=NotNamed("nobody is there to say it: the status stands still"),
        pairs=False,
    ),
)
