"""Who does not lead does not write."""

from inspect import getmembers, isfunction
from typing import Any

import pytest

from moorage.kube.client import Kube, KubeError, Object
from moorage.kube.fence import Fence

MANIFEST: Object = {"kind": "Pod", "metadata": {"name": "a"}}
WRITES: dict[str, tuple[Any, ...]] = {
    "create": (MANIFEST,),
    "apply": (MANIFEST,),
    "replace": (MANIFEST,),
    "merge": ("Pod", "a", "shop", {}),
    "delete": ("Pod", "a", "shop"),
}
READS = {"get", "list", "watch"}


class _Nothing(Kube):
    """Takes no call at all."""

    def __init__(self) -> None: ...

    async def get(self, kind: str, name: str, namespace: str | None = None) -> Object | None:
        del kind, name, namespace
        return MANIFEST


def test_every_call_is_known_as_a_read_or_a_write() -> None:
    public = {name for name, _ in getmembers(Kube, isfunction) if not name.startswith("_")}
    assert public == READS | WRITES.keys()


@pytest.mark.parametrize("write", WRITES)
async def test_nothing_is_written_once_somebody_else_may_lead(write: str) -> None:
    with pytest.raises(KubeError, match="does not lead any more"):
        await getattr(Fence(_Nothing(), lambda: False), write)(*WRITES[write])


async def test_reading_needs_no_leadership() -> None:
    assert await Fence(_Nothing(), lambda: False).get("Pod", "a") == MANIFEST
