"""Does the steps of generations and of the address: it moves, members are given up, what served is put aside or removed."""

from collections.abc import Callable
from http import HTTPStatus

from moorage.core import names
from moorage.core.address import Holder, led_to, without
from moorage.core.report import from_json
from moorage.core.step import Acknowledge, Discard, Exclude, MoveAddress, Retire
from moorage.kube.client import Kube, KubeError
from moorage.operator.manifests import Manifest

GenerationStep = Acknowledge | MoveAddress | Exclude | Retire | Discard
MARKS = (names.ANNOTATION_RESTORE, names.ANNOTATION_KEPT_UNTIL, names.ANNOTATION_RETIRED)


class GenerationActor:
    """Carries them out for one service. `written` is told every object as the API server answered it."""

    def __init__(self, kube: Kube, namespace: str, service: str, written: Callable[[Manifest], None]) -> None:
        self._kube, self._namespace, self._service, self._written = kube, namespace, service, written

    async def act(self, step: GenerationStep) -> None:
        """Raises KubeError."""
        match step:
            case Acknowledge(claims):
                for claim in claims:
                    await self._mark(claim, dict.fromkeys(MARKS))
            case MoveAddress(member, generation):
                await self._move_address(member.pod_name, generation)
            case Exclude(pods):
                await self._exclude(pods)
            case Retire():
                await self._retire(step)
            case Discard(generation, claims):
                await self._discard(generation, claims)

    async def _mark(self, claim: str, marks: dict[str, str | None]) -> None:
        patch: Manifest = {"metadata": {"annotations": marks}}
        self._written(await self._kube.merge("PersistentVolumeClaim", claim, self._namespace, patch))

    async def _move_address(self, pod_name: str, generation: int) -> None:
        """By compare-and-swap, to a primary as its Pod says it now. Whoever wrote in between is seen in the next pass."""
        found = await self._kube.get("EndpointSlice", self._service, self._namespace)
        pod = await self._kube.get("Pod", pod_name, self._namespace)
        address = ((pod or {}).get("status") or {}).get("podIP")
        if found is None or pod is None or not address:
            raise KubeError(f"the address cannot lead to {pod_name}, which has none itself yet", HTTPStatus.CONFLICT)
        report = from_json((pod["metadata"].get("annotations") or {}).get(names.ANNOTATION_REPORT, "{}"))
        holder = Holder(pod_name, pod["metadata"]["uid"], address, pod["spec"]["nodeName"], self._namespace)
        self._written(await self._kube.replace(led_to(found, holder, term=report.term, generation=generation)))

    async def _exclude(self, pods: tuple[str, ...]) -> None:
        """By compare-and-swap: a member that claims the address meanwhile wins, and this is tried again."""
        found = await self._kube.get("EndpointSlice", self._service, self._namespace)
        if found is None:
            raise KubeError("the address's EndpointSlice does not exist yet", HTTPStatus.CONFLICT)
        self._written(await self._kube.replace(without(found, pods)))

    async def _retire(self, step: Retire) -> None:
        """The marks come first: until they stand, nobody may take its volumes for something that was never used."""
        for claim in step.claims:
            await self._mark(claim, {names.ANNOTATION_KEPT_UNTIL: step.until, names.ANNOTATION_RETIRED: step.since})
        members = names.statefulset(self._service, step.generation)
        if await self._kube.get("StatefulSet", members, self._namespace) is not None:
            self._written(await self._kube.merge("StatefulSet", members, self._namespace, {"spec": {"replicas": 0}}))

    async def _discard(self, generation: int, claims: tuple[str, ...]) -> None:
        """The first claim goes last: it says that all of it may go."""
        await self._delete("StatefulSet", names.statefulset(self._service, generation))
        for claim in sorted(claims, reverse=True):
            await self._delete("PersistentVolumeClaim", claim)

    async def _delete(self, kind: str, name: str) -> None:
        await self._kube.delete(kind, name, self._namespace)
        left = await self._kube.get(kind, name, self._namespace)
        if left is not None:
            self._written(left)
