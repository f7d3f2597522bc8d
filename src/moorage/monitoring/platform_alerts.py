"""Alerts about Moorage itself. Pure."""

from moorage.core.alerts import Alert, Scope, Severity

PLATFORM = (
    Alert(
        "MoorageOperatorSilent", Severity.CRITICAL, Scope.PLATFORM,
        expr="absent(moorage_operator_leading == 1)",
        for_seconds=2 * 60,
        summary="no replica of Moorage's operator acts",
        meaning="None of them leads, or Prometheus reaches none, for two minutes.",
        impact="Services go on and fail over by themselves. Nothing is repaired, changed or backed up by schedule.",
        moorage="A replica takes over within 15 s when it can reach the API server.",
        you="- `moorage doctor` says whether the operator's Pods run and what they lack.\n"
        "- When the API server is away, bring it back first.",
    ),
    Alert(
        "MoorageOperatorBlind", Severity.CRITICAL, Scope.PLATFORM,
        expr="max(moorage_operator_blind_watches) > 0",
        for_seconds=5 * 60,
        summary="Moorage's operator may not see some kind of object",
        meaning="The API server refuses a list or watch that the operator needs.",
        impact="Services go on and fail over by themselves. Nothing else is done, since nothing may be decided from old news.",
        moorage="It tries again and again.",
        you="- `moorage doctor` names the right that is missing. Somebody changed the operator's ClusterRole or removed a "
        "definition.",
    ),
    Alert(
        "MoorageOperatorFailing", Severity.WARNING, Scope.PLATFORM,
        expr="max by (kind) (moorage_operator_failing_resources) > 0",
        for_seconds=15 * 60,
        summary="Moorage's operator cannot look at some resources ($subject)",
        meaning="Every look at one of them has failed for 15 minutes.",
        impact="What these resources ask for is not done.",
        moorage="It tries each again, at most every 30 s; others are not held up.",
        you="- `moorage why NAME` says what fails. A failure inside Moorage stands in the operator's log: please report it.",
    ),
    Alert(
        "MoorageWatchdog", Severity.NONE, Scope.PLATFORM,
        expr="vector(1)",
        summary="alerting works",
        meaning="It always fires. Whoever expects it and does not get it knows that nobody would be told of anything.",
        impact="None.",
        moorage="Nothing.",
        you="- Let a dead man's switch outside of the cluster expect it.",
    ),
)  # fmt: skip
