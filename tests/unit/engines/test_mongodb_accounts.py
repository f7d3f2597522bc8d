"""The two users that every service promises."""

from typing import Any

from moorage.engines.mongodb.accounts import Accounts


class Engine:
    """Keeps what it was told; nobody exists in it."""

    def __init__(self) -> None:
        self.made = list[str]()

    async def command(self, body: dict[str, Any]) -> dict[str, Any]:
        if "createUser" in body:
            self.made.append(body["createUser"])
        return {"users": []}

    async def can_log_in(self, user: str, password: str) -> bool:
        del user, password
        return True


async def test_users_that_are_just_being_made_are_not_called_dropped() -> None:
    engine = Engine()
    accounts = Accounts(engine.command, engine.can_log_in, lambda secret: f"of {secret}")
    await accounts.create()
    made = list(engine.made)
    await accounts.look()
    assert engine.made == made
