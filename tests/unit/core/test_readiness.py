"""A Pod that is called not ready only because its node was silent is believed again as soon as its agent says so itself."""

import pytest

from moorage.core.readiness import answers, silenced_at
from tests.unit.build import pod_conditions

SINCE, EARLIER = "2026-11-28T06:00:00Z", "2026-11-28T05:00:00Z"


@pytest.mark.parametrize(
    ("ready", "containers", "heard_after", "believed"),
    [
        ("True", "True", "", True),
        ("False", "True", SINCE, True),
        ("False", "True", "", False),
        ("False", "True", EARLIER, False),
        ("False", "False", SINCE, False),
        ("Unknown", "True", SINCE, False),
    ],
    ids=["ready", "heard since", "never heard since", "heard after an earlier silence", "does not answer its kubelet", "unknown"],
)
def test_an_agent_answers_when_its_kubelet_says_so_or_it_was_heard_since_its_node_was_called_silent(
    ready: str, containers: str, heard_after: str, *, believed: bool
) -> None:
    assert answers(pod_conditions(ready, containers, SINCE), heard_after) is believed


def test_a_pod_without_conditions_answers_nobody() -> None:
    assert silenced_at(()) == ""
    assert not answers((), "")
