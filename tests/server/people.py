"""Who uses the console in a test."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.server.console import Browser, Console

PASSWORD = "correct horse battery 9"


@dataclass(frozen=True)
class Someone:
    """A person of a test, signed in."""

    name: str
    browser: Browser

    @property
    def user(self) -> str:
        return f"moorage:{self.name}"


MakePerson = Callable[..., Someone]


def make_account(console: Console, admin: Browser, name: str, *groups: str) -> Browser:
    """A local account that has changed its first password, signed in."""
    made = admin.post("/accounts", {"name": name, "groups": list(groups)})
    assert made.status_code == 201, made.text
    first = made.json()["password"]
    browser = console.browser()
    assert browser.sign_in(name, first).status_code == 201
    assert browser.put("/session/password", {"old": first, "new": PASSWORD}).status_code == 204
    return browser
