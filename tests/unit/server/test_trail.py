"""The audit list says what was changed or made, whatever route is added."""

from collections.abc import Iterator

from fastapi.routing import APIRoute

from moorage.server.app import ROUTERS
from moorage.server.caller import SAFE_METHODS
from moorage.server.trail import NAMED, Naming, operation_id

ONLY_ABOUT_ONESELF = {"signIn", "signOut", "changePassword"}
TELL_OF_AN_ALERT = {"silenceAlerts", "acknowledgeAlert"}
"""Its service, name and reason are parameters of the entry."""
MAKE_NOTHING = {"tryAlertRule"}


def _changes() -> Iterator[tuple[str, APIRoute]]:
    for route in (route for router in ROUTERS for route in router.routes):
        assert isinstance(route, APIRoute)
        if not (route.methods or set()) <= SAFE_METHODS:
            yield operation_id(route), route


def _says_what_it_makes(route: APIRoute) -> bool:
    return any(one.call is Naming for one in route.dependant.dependencies)


def test_every_change_says_what_it_is_done_to_or_what_it_makes() -> None:
    silent = {
        name for name, route in _changes() if not {"space", *NAMED} & {*route.param_convertors} and not _says_what_it_makes(route)
    }
    assert silent == ONLY_ABOUT_ONESELF | {"silenceAlerts"} | MAKE_NOTHING


def test_whatever_makes_something_says_its_name() -> None:
    silent = {name for name, route in _changes() if route.status_code == 201 and not _says_what_it_makes(route)}
    assert silent == {"signIn", "undeleteService"} | TELL_OF_AN_ALERT, "the path of undeleting has the name"
