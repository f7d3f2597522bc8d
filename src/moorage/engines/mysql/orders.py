"""Which order of the operator's is carried out by what."""

from collections.abc import Awaitable, Callable
from typing import Any

from moorage.engines.care import Care
from moorage.engines.child import Child
from moorage.engines.member import EngineError
from moorage.engines.mysql.joining import Joining
from moorage.engines.mysql.membership import Membership, why_needed
from moorage.engines.mysql.sight import Look
from moorage.engines.mysql.succession import Succession


class Orders:
    """Of one member. `look`: at its own engine; raises EngineError."""

    def __init__(
        self,
        pod: str,
        process: Child,
        joining: Joining,
        membership: Membership,
        succession: Succession,
        care: Care,
        look: Callable[[], Awaitable[Look]],
    ) -> None:
        self._pod, self._process, self._joining = pod, process, joining
        self._membership, self._succession, self._care, self._look = membership, succession, care, look

    async def carry_out(self, action: str, body: dict[str, Any]) -> None:
        match action:
            case "initiate":
                await self._alone_at_it(self._membership.initiate(body["members"]))
            case "form-again":
                await self._alone_at_it(self._membership.form_again(body["configuration"], body["positions"]))
            case "recover":
                await self._alone_at_it(self._membership.keep_alone(body["configuration"]))
            case "hand-over":
                await self._succession.hand_over_to(body["to"], body["term"])
            case "add-member":
                await self._membership.add(body["entry"], body["configuration"])
            case "remove-member":
                await self._membership.remove(body["member"], body["configuration"])
            case "empty-member":
                await self._care.put_aside(body["order"], lambda: self._why_needed(body["configuration"]))
            case _:
                known = "initiate, form-again, recover, hand-over, add-member, remove-member, empty-member"
                raise EngineError(f"MySQL knows no order '{action}'; it knows: {known}")

    async def _alone_at_it(self, work: Awaitable[None]) -> None:
        """The member does not look for a group by itself meanwhile."""
        self._joining.is_held = True
        try:
            await work
        finally:
            self._joining.is_held = False

    async def _why_needed(self, configuration: str) -> str:
        """As this member's engine sees it at the last moment. One that does not answer knows nothing that speaks against it."""
        if not self._process.is_running:
            return ""
        try:
            seen = await self._look()
        except EngineError:
            return ""
        return why_needed(seen, self._pod, configuration)
