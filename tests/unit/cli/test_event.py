"""Which events are a service's own."""

from typing import Any

from moorage.views.event import of_service


def an_event(kind: str, name: str, uid: str, message: str) -> dict[str, Any]:
    return {
        "involvedObject": {"kind": kind, "name": name, "uid": uid},
        "message": message,
        "lastTimestamp": "2026-11-06T12:00:00Z",
    }


EVENTS = [
    an_event("DataService", "orders", "new", "the service's"),
    an_event("DataService", "orders", "old", "an earlier one's of the same name"),
    an_event("Pod", "orders-g1-0", "pod", "its member's"),
    an_event("Pod", "orders-g", "pod", "another's"),
]


def test_what_an_earlier_service_of_the_same_name_was_told_is_not_told_again() -> None:
    assert {e.message for e in of_service(EVENTS, "orders", "new")} == {"the service's", "its member's"}


def test_the_events_of_a_service_that_is_gone_are_still_shown() -> None:
    assert {e.message for e in of_service(EVENTS, "orders")} == {
        "the service's",
        "an earlier one's of the same name",
        "its member's",
    }
