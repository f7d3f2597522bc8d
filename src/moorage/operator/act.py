"""Does one step, idempotently. The only code that writes Kubernetes objects for a DataService."""

import json
from collections.abc import Callable
from copy import deepcopy
from http import HTTPStatus
from typing import Any

from moorage.core import names
from moorage.core.step import (
    Acknowledge,
    Apply,
    ClearRequest,
    Discard,
    DropClaim,
    Exclude,
    GrowClaim,
    MoveAddress,
    Order,
    RenewVolume,
    ReplacePod,
    Retire,
    StartAnew,
    Step,
    TakeOver,
    TellQueries,
    TellSettings,
)
from moorage.kube.client import Kube, KubeError
from moorage.operator.act_generations import GenerationActor
from moorage.operator.drift import as_merge, is_as_applied
from moorage.operator.manifests import Manifest, Objects, key


class Actor:
    """Carries out steps for one service."""

    def __init__(self, kube: Kube, namespace: str, service: str, written: Callable[[Manifest], None]) -> None:
        """`written` is told every object as the API server answered it, so that the next pass sees its own writes."""
        self._kube, self._namespace, self._service, self._written = kube, namespace, service, written

    async def act(self, step: Step, objects: Objects) -> None:
        """Raises KubeError; the step is then planned again from what is seen."""
        match step:
            case Apply(desired):
                manifest = deepcopy(next(m for m in objects.manifests if key(m) == desired.key))
                await self._apply(manifest, create_only=desired.key in objects.create_only)
            case Order(member, order_id, action, body):
                order = json.dumps({"id": order_id, "action": action, "body": body}, sort_keys=True)
                await self._annotate_pod(member.pod_name, {names.ANNOTATION_ORDER: order})
            case TellSettings(member, text) | TellQueries(member, text):
                told = names.ANNOTATION_SETTINGS if isinstance(step, TellSettings) else names.ANNOTATION_QUERIES
                await self._annotate_pod(member.pod_name, {told: text or None})
            case ReplacePod(member):
                await self._delete("Pod", member.pod_name)
            case TakeOver(member):  # the uid is compared: another Pod of that name is left alone
                freed: Manifest = {"metadata": {"uid": member.left_behind, "ownerReferences": None}}
                self._written(await self._kube.merge("Pod", member.pod_name, self._namespace, freed))
            case GrowClaim(claim, size, _, at):
                mark = {"metadata": {"annotations": {names.ANNOTATION_GROWN_AT: at}}} if at else {}
                patch = {"spec": {"resources": {"requests": {"storage": size}}}, **mark}
                self._written(await self._kube.merge("PersistentVolumeClaim", claim, self._namespace, patch))
            case DropClaim(claim):
                await self._delete("PersistentVolumeClaim", claim)
            case RenewVolume(member, claim):
                await self._renew_volume(member.pod_name, claim)
            case StartAnew(claims):
                await self._start_anew(claims, objects)
            case ClearRequest(annotation):
                patch_service: Manifest = {"metadata": {"annotations": {annotation: None}}}
                self._written(await self._kube.merge("DataService", self._service, self._namespace, patch_service))
            case Acknowledge() | MoveAddress() | Exclude() | Retire() | Discard():
                await GenerationActor(self._kube, self._namespace, self._service, self._written).act(step)
            case _:
                return

    async def _renew_volume(self, pod: str, claim: str | None) -> None:
        if claim is not None:  # it goes with the Pod, and a new one is made for the next
            await self._delete("PersistentVolumeClaim", claim)
        await self._delete("Pod", pod)

    async def _start_anew(self, claims: tuple[str, ...], objects: Objects) -> None:
        """The claims go last: while one is left, the next pass does the same again."""
        (members,) = [m["metadata"]["name"] for m in objects.manifests if m["kind"] == "StatefulSet"]
        await self._delete("StatefulSet", members)
        for claim in claims:
            await self._delete("PersistentVolumeClaim", claim)

    async def _delete(self, kind: str, name: str) -> None:
        """What is on its way out is seen at once, so that no later pass deletes the one that comes after it."""
        await self._kube.delete(kind, name, self._namespace)
        left = await self._kube.get(kind, name, self._namespace)
        if left is not None:
            self._written(left)

    async def _annotate_pod(self, pod: str, annotations: dict[str, Any]) -> None:
        self._written(await self._kube.merge("Pod", pod, self._namespace, {"metadata": {"annotations": annotations}}))

    async def _apply(self, manifest: Manifest, *, create_only: bool) -> None:
        if create_only:
            self._written(await self._create(manifest))
            return
        if manifest["kind"] == "StatefulSet":
            manifest = await self._keep_immutable(manifest)
        self._written(await self._put(manifest))

    async def _put(self, manifest: Manifest) -> Manifest:
        """An apply leaves what others added to a list, and is refused where that clashes: a merge puts the whole list there."""
        try:
            item = await self._kube.apply(manifest)
            if is_as_applied(manifest, item):
                return item
        except KubeError as error:
            if error.code != HTTPStatus.UNPROCESSABLE_ENTITY:
                raise
        return await self._kube.merge(manifest["kind"], manifest["metadata"]["name"], self._namespace, as_merge(manifest))

    async def _create(self, manifest: Manifest) -> Manifest:
        """What exists already is left as it is; it must be the service's own."""
        try:
            return await self._kube.create(manifest)
        except KubeError as error:
            if not error.conflict:
                raise
            found = await self._kube.get(manifest["kind"], manifest["metadata"]["name"], self._namespace)
            if found is None:
                raise
            if (found["metadata"].get("labels") or {}).get(names.LABEL_INSTANCE) != self._service:
                msg = f"{key(manifest)} belongs to somebody else: it has no label {names.LABEL_INSTANCE}={self._service}"
                raise KubeError(msg, HTTPStatus.FORBIDDEN) from error  # unlike a conflict it stays so until somebody acts
            return found

    async def _keep_immutable(self, manifest: Manifest) -> Manifest:
        """A StatefulSet's volume templates can never change; volumes grow through their claims."""
        found = await self._kube.get("StatefulSet", manifest["metadata"]["name"], self._namespace)
        if found is None:
            return manifest
        templates = [
            {"metadata": {k: v for k, v in t["metadata"].items() if k in ("name", "labels")}, "spec": _asked_for(t["spec"])}
            for t in found["spec"]["volumeClaimTemplates"]
        ]
        return {**manifest, "spec": {**manifest["spec"], "volumeClaimTemplates": templates}}


def _asked_for(spec: Manifest) -> Manifest:
    return {k: v for k, v in spec.items() if k in ("accessModes", "resources", "storageClassName")}
