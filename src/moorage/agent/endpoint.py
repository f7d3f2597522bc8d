"""The address: its EndpointSlice is moved by the member that holds the primary role, with compare-and-swap and a rising term."""

from typing import Any

import structlog

from moorage.agent.settings import Settings
from moorage.core import names
from moorage.core.address import Holder, led_to
from moorage.kube.client import Kube, KubeError

log = structlog.get_logger()

CLAIM_TRIES_MAX = 20


def why_not_claimable(annotations: dict[str, str], *, pod: str, term: int, generation: int = 1) -> str | None:
    """The reason why this claim loses, or None. A stale claim always loses, and one of a generation that does not serve."""
    if pod in names.excluded_in(annotations):
        return f"{pod} was given up"
    serves = names.generation_of(annotations)
    if serves != generation:
        return f"generation {serves} serves, and {pod} is of generation {generation}"
    held, holder = names.term_of(annotations), annotations.get(names.ANNOTATION_HOLDER, "")
    if held > term:
        return f"{holder} claimed it in term {held}, which is later than {term}"
    if held == term and holder not in ("", pod):
        return f"{holder} claimed it in the same term {term}"
    return None


def holder_of(found: dict[str, Any]) -> str:
    """Pod name of the member behind the address; empty when there is none."""
    return str((found["metadata"].get("annotations") or {}).get(names.ANNOTATION_HOLDER, ""))


def term_of(found: dict[str, Any]) -> int:
    """The term in which it was claimed; 0 when nobody did."""
    return names.term_of(found["metadata"].get("annotations") or {})


def is_vacant(found: dict[str, Any] | None) -> bool:
    """Whether the address exists and leads nowhere: a fresh slice, made because somebody deleted the one before."""
    if found is None:
        return False
    return not found.get("endpoints") and not holder_of(found)


def has_heir(found: dict[str, Any] | None, *, pod: str, term: int) -> bool:
    """Whether another member claimed the address after `pod` claimed it in `term`; an older copy of the slice tells nothing."""
    if found is None:
        return False
    return holder_of(found) not in ("", pod) and term_of(found) > term


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
            marks = found["metadata"].get("annotations") or {}
            reason = why_not_claimable(marks, pod=me.pod_name, term=term, generation=me.generation)
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
        me = self._settings
        holder = Holder(me.pod_name, me.pod_uid, me.pod_ip, me.node_name, me.namespace)
        return led_to(found, holder, term=term, generation=me.generation)
