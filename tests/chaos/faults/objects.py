"""Somebody deletes objects of the service by hand."""

from tests.chaos import bench
from tests.chaos.faults.fault import PRIMARY, SECONDARY, Fault, Named, Scene
from tests.e2e.cluster import exists, kubectl

OBJECTS = {
    "service": ("service", bench.NAME),
    "endpointslice": ("endpointslice", bench.NAME),
    "app-secret": ("secret", f"{bench.NAME}-app"),
    "internal-secret": ("secret", f"{bench.NAME}-internal"),
    "budget": ("pdb", bench.NAME),
    "statefulset-alone": ("statefulset", f"{bench.NAME}-g1"),
    "statefulset": ("statefulset", f"{bench.NAME}-g1"),
}


def _delete(scene: Scene) -> None:
    how = ["--cascade=orphan"] if scene.target == "statefulset-alone" else []
    kubectl("delete", *OBJECTS[scene.target], "-n", bench.NAMESPACE, "--wait=false", *how)


def _is_back(scene: Scene) -> list[str]:
    kind, name = OBJECTS[scene.target]
    return [] if exists(kind, name, bench.NAMESPACE) else [f"{kind}/{name} was deleted and is not back"]


def _delete_claim(scene: Scene) -> None:
    kubectl("delete", "pvc", bench.claim_of(scene.victim), "-n", bench.NAMESPACE, "--wait=false")
    kubectl("delete", "pod", scene.victim.pod, "-n", bench.NAMESPACE, "--wait=false")


FAULTS = (
    Fault(
        name="object-deleted",
        targets=tuple(OBJECTS),
        does="the object is deleted by hand (`statefulset`: with its Pods, `statefulset-alone`: without them)",
        happens="it is made again as it was; Pods that were left are taken back, volumes stay",
        start=_delete,
        afterwards=_is_back,
        gap_seconds={"service": 10.0, "endpointslice": 10.0, "statefulset": 30.0}
        | dict.fromkeys(("app-secret", "internal-secret", "budget", "statefulset-alone"), 1.0),
        changes_max=dict.fromkeys([*OBJECTS][:-1], 0),
        named=Named("{what}"),
        words={
            "service": f"Service/{bench.NAME} does not exist",
            "endpointslice": f"EndpointSlice/{bench.NAME} does not exist",
            "app-secret": f"Secret/{bench.NAME}-app does not exist",
            "internal-secret": f"Secret/{bench.NAME}-internal does not exist",
            "budget": f"PodDisruptionBudget/{bench.NAME} does not exist",
            "statefulset-alone": f"StatefulSet/{bench.NAME}-g1 does not exist",
            "statefulset": f"StatefulSet/{bench.NAME}-g1 does not exist|has no Pod|is stopping",
        },
        pairs=False,
    ),
    Fault(
        name="claim-deleted",
        targets=(SECONDARY, PRIMARY),
        does="its volume claim and its Pod are deleted",
        happens="a primary hands over; the member comes back on a new volume and copies everything from the others",
        start=_delete_claim,
        gap_seconds={SECONDARY: 1.0, PRIMARY: 1.0},
        named=Named(r"{victim} (is stopping|has no Pod|is down|is not heard|cannot run|does not run|is catching up)"),
        rebuilds=True,
        empties=True,
        green_seconds=240.0,
    ),
)
