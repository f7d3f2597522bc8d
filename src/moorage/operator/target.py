"""What the spec asks for, as the planner needs it. Pure."""

from moorage.api.dataservice import DataService
from moorage.api.quantity import parse
from moorage.core import names, outage
from moorage.core.facts import Known, MemberFacts, Snapshot
from moorage.core.step import Desired, Target
from moorage.operator.manifests import Context, Objects, key


def of_the_size_that_is_there(service: DataService, smallest: str | None) -> DataService:
    """Members are told the size that they have: one that is refused, or still to come, is not theirs to fill."""
    storage = service.spec.storage
    if smallest is None or parse(smallest) >= parse(storage.size):
        return service
    spec = service.spec.model_copy(update={"storage": storage.model_copy(update={"size": smallest})})
    return service.model_copy(update={"spec": spec})


def target(context: Context, objects: Objects, snapshot: Snapshot) -> Target:
    desired = tuple(
        Desired(
            kind=m["kind"],
            name=m["metadata"]["name"],
            digest="" if key(m) in objects.create_only else m["metadata"]["annotations"][names.ANNOTATION_DIGEST],
            why=objects.reasons.get(key(m), ""),
        )
        for m in objects.manifests
    )
    topology, card, service = context.engine.topology, context.engine.card, context.service
    return Target(
        objects=desired,
        template=objects.template,
        initiate=topology.initiate_order(service, context.data_members),
        initiate_first=topology.initiate_order(_alone(service), 1),
        joins={m.pod_name: topology.join_order(service, _data_members(m, context), m.ordinal) for m in snapshot.everyone()},
        fullest=topology.fullest(outage.positions(snapshot)),
        settings=context.live_settings,
        queries=context.queries,
        queries_refused=context.queries_refused,
        replicas=context.replicas,
        version=card.version(service),
        versions_before=card.versions_before(card.version(service)),
        refused=why_refused(context, snapshot) or "",
    )


def _data_members(member: MemberFacts, context: Context) -> int:
    """As seen by this member: one that stands in comes after the wanted ones and holds data like them."""
    return context.data_members if member.is_arbiter else max(context.data_members, member.ordinal + 1)


def _alone(service: DataService) -> DataService:
    return service.model_copy(update={"spec": service.spec.model_copy(update={"members": 1, "arbiter": False})})


def why_refused(context: Context, snapshot: Snapshot) -> str | None:
    """What the API server cannot know: a parameter that this engine does not have, a version that its data is not ready for."""
    card, service, primary = context.engine.card, context.service, snapshot.primary()
    report = primary.report if primary is not None else None
    compatibility = report.value.compatibility if isinstance(report, Known) else ""
    return card.why_parameters_refused(service.spec.parameters) or card.why_version_refused(service, compatibility)
