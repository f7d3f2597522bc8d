"""Who changed what, from where, and what came of it."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime

from moorage.server.caller import PlatformOf, SignedIn
from moorage.server.model import Given
from moorage.server.older import Part
from moorage.server.people.audit import Entry
from moorage.server.problem import Code, ProblemError

router = APIRouter(tags=["audit"])


class AuditList(Given):
    items: list[Entry]
    """Newest first."""
    next: str | None
    """To be sent as `before` for what is older; null: that was all."""


@router.get("/audit")
async def list_audit(
    caller: SignedIn,
    platform: PlatformOf,
    at_most: Annotated[
        int, Query(alias="atMost", ge=1, le=1000, description="And what is of the same moment as the last.")
    ] = 200,
    before: Annotated[AwareDatetime | None, Query(description="Only what is older, with its zone.")] = None,
) -> AuditList:
    """Needs the right to list `audits.moorage.dev`. Kept for 90 days."""
    if not await caller.kube.may("list", "audits", group="moorage.dev"):
        raise ProblemError(403, Code.FORBIDDEN, "you may not list audits.moorage.dev; an administrator can change that")
    entries = await platform.audit.read()
    part = Part(before, at_most)
    part.reaches(e.time for e in entries)
    return AuditList(items=part.of(entries, lambda e: e.time), next=part.next)
