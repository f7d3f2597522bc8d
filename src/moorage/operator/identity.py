"""Which Kubernetes this is: the uid of its namespace kube-system, which lives as long as the cluster."""

import structlog

from moorage.kube.client import Kube, KubeError

log = structlog.get_logger()

NAMESPACE = "kube-system"


class Identity:
    """Asked for once."""

    def __init__(self, kube: Kube) -> None:
        self._kube = kube
        self._uid: str | None = None

    async def uid(self) -> str:
        """Empty when it may not be read: what is found in a store is then nobody's. Raises KubeError."""
        if self._uid is None:
            try:
                found = await self._kube.get("Namespace", NAMESPACE)
            except KubeError as error:
                if not error.refused:
                    raise
                log.warning("cluster_not_known", error=str(error))
                return ""
            self._uid = str(found["metadata"].get("uid") or "") if found is not None else ""
        return self._uid
