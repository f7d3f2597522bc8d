"""Alerts of people's own: what there is, making and changing them.

They are read from the API server itself, as nothing else here is: where it does not know them yet, the rest of the console works.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field

from moorage.api.alertrule import KIND
from moorage.monitoring.own.rule import Judged
from moorage.server import looks
from moorage.server.alertasked import same_as
from moorage.server.caller import PlatformOf, SignedIn
from moorage.server.deploy import SameAs
from moorage.server.meanwhile import replaced
from moorage.server.model import Given, ObjectName, SpaceName
from moorage.server.rights import Deed
from moorage.server.routes.services import DeedView, DryRun, deed_in
from moorage.server.rulewish import AlertRuleWish, require_good, require_measured, spec_of
from moorage.server.trail import Makes
from moorage.views.alertrule import AlertRuleView, alert_rule_view, version
from moorage.wishes import asked

router = APIRouter(tags=["alerts"])
Object = dict[str, Any]


class AlertRuleList(Given):
    items: list[AlertRuleView]
    may: dict[str, DeedView]
    """Space → whether its rules may be made, changed and deleted; of each space that a rule is of."""


class AlertRuleChange(AlertRuleWish):
    version: Annotated[str, Field(max_length=64)]
    """Of the rule that was looked at: what somebody else changed meanwhile is not overwritten."""


class NewAlertRule(AlertRuleWish):
    name: Annotated[ObjectName, Field(max_length=63)]
    space: SpaceName


class SavedAlertRule(Given):
    """A rule as it is kept, or would be."""

    rule: AlertRuleView
    expr: str
    """What Prometheus will judge."""
    same_as: SameAs
    """Its line of our own program makes it, or changes the one that stands there."""


@router.get("/alert-rules")
async def list_alert_rules(
    caller: SignedIn, platform: PlatformOf, space: Annotated[SpaceName | None, Query()] = None
) -> AlertRuleList:
    """Of one space, or of all that the person sees."""
    seen = await looks.sight(platform, caller, KIND)
    found, _ = await platform.persons.own.list(KIND, space)
    mine = (item for item in found if seen.sees(item["metadata"]["namespace"]))
    views = sorted(map(alert_rule_view, mine), key=lambda v: (v.namespace, v.name))
    return AlertRuleList(items=views, may=await deed_in(caller, Deed.MANAGE_ALERTS, {view.namespace for view in views}))


@router.post("/alert-rules", status_code=201)
async def create_alert_rule(
    body: NewAlertRule, caller: SignedIn, platform: PlatformOf, makes: Makes, dry_run: DryRun = False
) -> SavedAlertRule:
    """The API server judges it first, then the fence: what the operator would refuse is not saved."""
    makes("rule", body.name, body.space)
    wanted = asked.resource(KIND, body.space, body.name, spec_of(body))
    checked = await caller.kube.check(wanted)
    judged = require_good(body.space, body)
    await require_measured(platform, caller, body.space, body)
    return _saved(checked if dry_run else await caller.kube.create(wanted), judged, wanted)


@router.put("/alert-rules/{space}/{rule}")
async def change_alert_rule(
    space: SpaceName, rule: ObjectName, body: AlertRuleChange, caller: SignedIn, platform: PlatformOf, dry_run: DryRun = False
) -> SavedAlertRule:
    """All of it anew; what the body does not say is as if it never was. Refused when it is about an older version of the rule."""
    spec = spec_of(body)

    async def put(*, dry_run: bool) -> tuple[Object, Object]:
        return await replaced(
            caller, KIND, space, rule, lambda kept: {**kept, "spec": spec}, version, body.version, dry_run=dry_run
        )

    before, checked = await put(dry_run=True)
    judged = require_good(space, body)
    await require_measured(platform, caller, space, body)
    _, made = (before, checked) if dry_run else await put(dry_run=False)
    return _saved(made, judged, asked.resource(KIND, space, rule, spec), before["spec"])


@router.delete("/alert-rules/{space}/{rule}", status_code=202)
async def delete_alert_rule(space: SpaceName, rule: ObjectName, caller: SignedIn) -> None:
    """Prometheus judges it no more within two minutes."""
    await caller.kube.remove(KIND, rule, space)


def _saved(made: Object, judged: Judged, wanted: Object, old: Object | None = None) -> SavedAlertRule:
    return SavedAlertRule(rule=alert_rule_view(made), expr=judged.expr, same_as=same_as(wanted, old))
