"""Somebody deletes Pods, or drains a node."""

from tests.chaos import bench
from tests.chaos.faults.fault import ALL, NODE_OF_PRIMARY, PRIMARY, SECONDARY, Fault, Named, Scene
from tests.e2e.cluster import kubectl

_AWAY = r"{victim} (is stopping|has no Pod|is down|is not heard|cannot run|does not run)"


def _delete(scene: Scene) -> None:
    kubectl("delete", "pod", "-n", bench.NAMESPACE, "--wait=false", *(m.pod for m in scene.victims))


def _delete_by_force(scene: Scene) -> None:
    kubectl("delete", "pod", "-n", bench.NAMESPACE, "--grace-period=0", "--force", *(m.pod for m in scene.victims))


def _drain(scene: Scene) -> None:
    scene.notes["node"] = scene.node()
    chosen = f"--pod-selector=app.kubernetes.io/instance={bench.NAME}"
    kubectl("drain", scene.notes["node"], chosen, "--ignore-daemonsets", "--delete-emptydir-data", "--timeout=90s")


def _uncordon(scene: Scene) -> None:
    kubectl("uncordon", scene.notes["node"])


FAULTS = (
    Fault(
        name="pod-delete",
        targets=(PRIMARY, SECONDARY, ALL),
        does="`kubectl delete pod`",
        happens="a primary hands over before it stops; the Pod is made anew on the same volume",
        start=_delete,
        gap_seconds={PRIMARY: 1.0, SECONDARY: 1.0, ALL: 30.0},
        named=Named(_AWAY),
    ),
    Fault(
        name="pod-force-delete",
        targets=(PRIMARY, SECONDARY),
        does="`kubectl delete pod --force --grace-period=0`",
        happens="it hands over when its agent still can; else the peers see their connection to the agent end and elect",
        start=_delete_by_force,
        gap_seconds={PRIMARY: 2.0, SECONDARY: 1.0},
        named=Named(_AWAY),
    ),
    Fault(
        name="drain",
        targets=(NODE_OF_PRIMARY,),
        does="`kubectl drain` of its node, for 15 to 30 s",
        happens="the primary hands over; its member waits for a node, and comes back with it",
        start=_drain,
        heal=_uncordon,
        lasts_seconds=(15.0, 30.0),
        gap_seconds={NODE_OF_PRIMARY: 1.0},
        named=Named(_AWAY),
    ),
)
