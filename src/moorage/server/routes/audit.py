"""Who changed what, from where, and what came of it."""

from typing import Annotated

from fastapi import APIRouter, Query

from moorage.server.caller import PlatformOf, SignedIn
from moorage.server.model import Given
from moorage.server.people.audit import Entry
from moorage.server.problem import Code, ProblemError

router = APIRouter(tags=["audit"])


class AuditList(Given):
    items: list[Entry]
    """Newest first."""


@router.get("/audit")
async def list_audit(
    caller: SignedIn,
    platform: PlatformOf,
    at_most: Annotated[int, Query(alias="atMost", ge=1, le=1000)] = 200,
    before: Annotated[str | None, Query(max_length=40, description="RFC 3339: only older ones.")] = None,
) -> AuditList:
    """Needs the right to list `audits.moorage.dev`. Kept for 90 days."""
    if not await caller.kube.may("list", "audits", group="moorage.dev"):
        raise ProblemError(403, Code.FORBIDDEN, "you may not list audits.moorage.dev; an administrator can change that")
    return AuditList(items=await platform.audit.read(at_most, before))
