"""Whether the agent in a Pod answers, from what Kubernetes says of the Pod and the agent itself. Pure; standard library only.

"Ready" is Kubernetes' word of the Pod's node, too. When the node controller calls a node silent, it calls its Pods not ready, and
the kubelet puts that right when it has heard of it: up to a minute and a half after an outage of the API server, as its watch
begins again after 30 to 60 s. `ContainersReady` is the kubelet's own word, and may be as old as the last time that it was heard.
So it counts together with a word of the agent that is younger than the silence: the agent repeats the moment of it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

Conditions = Sequence[Mapping[str, Any]]
"""Of a Pod's status, as the API server gives them."""


def silenced_at(conditions: Conditions) -> str:
    """Since when (RFC 3339) it is called not ready by the word of its node alone; empty when it is not."""
    of = {str(condition.get("type")): condition for condition in conditions}
    ready, containers = of.get("Ready", {}), of.get("ContainersReady", {})
    is_silenced = ready.get("status") == "False" and containers.get("status") == "True"
    return str(ready.get("lastTransitionTime") or "") if is_silenced else ""


def answers(conditions: Conditions, heard_after: str) -> bool:
    """`heard_after`: of the agent's report, see there."""
    is_ready = any(c.get("type") == "Ready" and c.get("status") == "True" for c in conditions)
    return is_ready or (bool(heard_after) and heard_after == silenced_at(conditions))
