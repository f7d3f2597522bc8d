"""A change of what somebody looked at: refused when another person changed it meanwhile. A status does not count."""

from collections.abc import Callable
from typing import Any

from moorage.kube.client import KubeError
from moorage.server.caller import Caller
from moorage.server.looks import RESOURCES
from moorage.server.problem import Code, ProblemError, not_found

Object = dict[str, Any]
TRIES_MAX = 5
"""Of a change between whose reading and writing the status became another."""


async def replaced(
    caller: Caller,
    kind: str,
    space: str,
    name: str,
    wanted: Callable[[Object], Object],
    version_of: Callable[[Object], str],
    version: str,
    *,
    dry_run: bool,
) -> tuple[Object, Object]:
    """What stood there, and what stands there now. `wanted`: of what stands there what is to. `version`: of what was looked at.

    Raises ProblemError and KubeError."""
    replace = caller.kube.check_replace if dry_run else caller.kube.replace
    for tries_left in reversed(range(TRIES_MAX)):
        before = await caller.kube.get(kind, name, space)
        if before is None:
            raise not_found(RESOURCES[kind][1], name, space)
        if version_of(before) != version:
            detail = f"{space}/{name} was changed meanwhile by somebody else; look at it as it is now, and change that"
            raise ProblemError(409, Code.CHANGED_MEANWHILE, detail, {"name": name, "space": space})
        try:
            return before, await replace(wanted(before))
        except KubeError as error:
            if not error.conflict or not tries_left:
                raise
    raise AssertionError("the last try returns or raises")
