"""The address: its EndpointSlice is moved by the member that holds the primary role, with compare-and-swap and a rising term."""

from typing import Any

import structlog

from moorage.agent.settings import Settings
from moorage.core import names
from moorage.kube.client import Kube, KubeError

log = structlog.get_logger()

CLAIM_TRIES_MAX = 20


def why_not_claimable(annotations: dict[str, str], *, pod: str, term: int) -> str | None:
    """The reason why this claim loses, or None. A stale claim always loses."""
    held, holder = int(annotations.get(names.ANNOTATION_TERM) or 0), annotations.get(names.ANNOTATION_HOLDER, "")
    if held > term:
        return f"{holder} claimed it in term {held}, which is later than {term}"
    if held == term and holder not in ("", pod):
        return f"{holder} claimed it in the same term {term}"
    return None


def holder_of(found: dict[str, Any]) -> str:
    """Pod name of the member behind the address; empty when there is none."""
    return str((found["metadata"].get("annotations") or {}).get(names.ANNOTATION_HOLDER, ""))


def is_vacant(found: dict[str, Any] | None) -> bool:
    """Whether the address exists and leads nowhere: a fresh slice, made because somebody deleted the one before."""
    if found is None:
        return False
    return not found.get("endpoints") and not holder_of(found)


def has_heir(found: dict[str, Any] | None, *, pod: str, term: int) -> bool:
    """Whether another member claimed the address after `pod` claimed it in `term`; an older copy of the slice tells nothing."""
    if found is None:
        return False
    claimed = int((found["metadata"].get("annotations") or {}).get(names.ANNOTATION_TERM) or 0)
    return holder_of(found) not in ("", pod) and claimed > term


class Address:
    """The service's address, as this member sees and moves it."""

    def __init__(self, kube: Kube, settings: Settings) -> None:
        self._kube, self._settings = kube, settings

    async def claim(self, term: int) -> bool:
        """Puts this member behind the address; false when a later claim stands. Raises KubeError."""
        me = self._settings
        for _ in range(CLAIM_TRIES_MAX):
            found = await self._kube.get("EndpointSlice", me.service, me.namespace)
            if found is None:
                raise KubeError("the address's EndpointSlice does not exist yet", 404)
            reason = why_not_claimable(found["metadata"].get("annotations") or {}, pod=me.pod_name, term=term)
            if reason is not None:
                log.info("address_not_claimed", why=reason)
                return False
            if self._is_mine(found, term):
                return True
            try:
                await self._kube.replace(self._claimed(found, term))
            except KubeError as error:
                if error.conflict:
                    continue
                raise
            log.info("address_claimed", term=term)
            return True
        raise KubeError(f"the address could not be claimed in {CLAIM_TRIES_MAX} tries", 409)

    def _is_mine(self, found: dict[str, Any], term: int) -> bool:
        annotations = found["metadata"].get("annotations") or {}
        addresses = [a for e in found.get("endpoints") or [] for a in e["addresses"]]
        return annotations.get(names.ANNOTATION_TERM) == str(term) and addresses == [self._settings.pod_ip]

    def _claimed(self, found: dict[str, Any], term: int) -> dict[str, Any]:
        me, meta = self._settings, found["metadata"]
        marks = {**(meta.get("annotations") or {}), names.ANNOTATION_TERM: str(term), names.ANNOTATION_HOLDER: me.pod_name}
        endpoint = {
            "addresses": [me.pod_ip],
            "conditions": {"ready": True, "serving": True, "terminating": False},
            "nodeName": me.node_name,
            "targetRef": {"kind": "Pod", "name": me.pod_name, "namespace": me.namespace, "uid": me.pod_uid},
        }
        return {**found, "metadata": {**meta, "annotations": marks}, "endpoints": [endpoint]}
