"""People's alerts: each is judged, those that are good are written where Prometheus reads rules, and each says what became of it.

It stands beside the loop of services and not in it: no alert, and no missing resource of alerts, keeps a database from being
looked after. All rules are one object that is made anew from all of them, so what was deleted is gone by itself.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from pydantic import ValidationError

from moorage.api.alertrule import KIND, MESSAGE_LENGTH_MAX, AlertPhase, AlertRule, AlertRuleStatus, parse_alertrule
from moorage.api.conditions import Condition, ConditionType
from moorage.core.backups import text
from moorage.kube.client import Kube, KubeError
from moorage.kube.reflector import Key, Object, Store
from moorage.kube.watch import reflect
from moorage.monitoring.own.queries import why_never
from moorage.monitoring.own.rule import Judged, document, group, group_name, judge
from moorage.monitoring.own.standing import Standing, standings
from moorage.operator.wording import in_words
from moorage.prometheus import Prometheus, PrometheusError

log = structlog.get_logger()

LOOK_SECONDS = 30.0
"""How often Prometheus is asked what fires; a change of a rule is looked at when it comes."""
SEEN_AGAIN = timedelta(minutes=10)
"""How often it is looked whether the object that Prometheus reads is still as it was written."""
FILE = "own.yaml"
PROMETHEUS_RULE, CONFIG_MAP = "PrometheusRule", "ConfigMap"
NO_ROOM = "there is no room for it: all rules are 900 kB at most, and namespaces that have few come first; delete some"
NOBODY_TOLD = "whether it fires is not known here: Moorage was not told where Prometheus is (console.monitoring.prometheus)"


@dataclass(frozen=True)
class RulesObject:
    """The object in which Prometheus reads people's rules."""

    namespace: str
    name: str = "moorage-own-rules"
    kind: str = CONFIG_MAP
    """ConfigMap, or PrometheusRule where its kind is."""
    labels: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "RulesObject":
        """Raises ValueError with what is allowed."""
        kind = environment.get("MOORAGE_RULES_KIND") or cls.kind
        if kind not in (CONFIG_MAP, PROMETHEUS_RULE):
            raise ValueError(f"MOORAGE_RULES_KIND is '{kind}'; allowed: {CONFIG_MAP}, {PROMETHEUS_RULE}")
        labels = json.loads(environment.get("MOORAGE_RULES_LABELS") or "{}")
        return cls(environment["POD_NAMESPACE"], environment.get("MOORAGE_RULES_NAME") or cls.name, kind, labels)

    def manifest(self, rules: Mapping[str, Any]) -> Object:
        """The object; JSON is YAML, too."""
        meta = {"name": self.name, "namespace": self.namespace, "labels": dict(self.labels)}
        if self.kind == PROMETHEUS_RULE:
            return {"apiVersion": "monitoring.coreos.com/v1", "kind": self.kind, "metadata": meta, "spec": dict(rules)}
        return {"apiVersion": "v1", "kind": self.kind, "metadata": meta, "data": {FILE: json.dumps(rules, ensure_ascii=False)}}

    def rules_of(self, obj: Object | None) -> Mapping[str, Any] | None:
        """What stands in such an object; None when it cannot be told."""
        try:
            found = (obj or {})["spec"] if self.kind == PROMETHEUS_RULE else json.loads((obj or {})["data"][FILE])
        except (KeyError, TypeError, ValueError):
            return None
        return found if isinstance(found, Mapping) else None


class AlertRules:
    """Of all namespaces. `kube` is fenced. `services`: the DataServices. `prometheus` None: nobody said where one is."""

    def __init__(
        self,
        kube: Kube,
        is_leading: Callable[[], bool],
        target: RulesObject,
        services: Store,
        prometheus: Prometheus | None,
        clock: Callable[[], datetime],
    ) -> None:
        self._kube, self._is_leading, self._target, self._prometheus, self._now = kube, is_leading, target, prometheus, clock
        self._services = services
        self.rules = Store()
        self._dirty = asyncio.Event()
        self._judged: dict[Key, tuple[Object, Judged]] = {}
        self._written: tuple[Mapping[str, Any] | None, datetime] | None = None
        """What the object held when it was last seen or written, and when."""

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(reflect(self._kube, KIND, self.rules, self._changed))
            tasks.create_task(self._keep())

    def _changed(self, keys: set[Key]) -> None:
        for key in keys:
            self._judged.pop(key, None)
        self._dirty.set()

    async def _keep(self) -> None:
        while True:
            self._dirty.clear()
            await self.look()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._dirty.wait(), LOOK_SECONDS)

    async def look(self) -> None:
        """A turn, when it is ours and all rules are seen; never raises."""
        try:
            if self._is_leading() and self.rules.version:  # what was never listed is not the same as nothing
                await self.turn()
        except KubeError as error:
            log.warning("alert_rules_not_kept", error=str(error))
        except Exception:  # a defect here must not end the operator
            log.exception("alert_rules_failed")

    async def turn(self) -> None:
        """One look at all rules. Raises KubeError; what was done by then stays."""
        rules = [rule for item in self.rules.all() if (rule := _read(item)) is not None]
        judged = {rule.metadata.uid: self._judge(rule) for rule in rules}
        good = [rule for rule in rules if not rule.spec.paused and judged[rule.metadata.uid].expr]
        made, left_out = document(group(rule, judged[rule.metadata.uid].expr) for rule in good)
        trouble = await self._publish(made)
        found, unknown = await self._ask(bool(good))
        for rule in rules:
            name = group_name(rule.metadata.namespace, rule.metadata.name)
            never = self._why_never(rule)
            seen = Seen(judged[rule.metadata.uid], name in left_out, trouble, found.get(name), unknown, never, self._where)
            await self._write(rule, status(rule, seen, self._now()))

    @property
    def _where(self) -> str:
        return f"{self._target.kind} {self._target.namespace}/{self._target.name}"

    def _judge(self, rule: AlertRule) -> Judged:
        key, spec = (rule.metadata.namespace, rule.metadata.name), rule.spec.to_dict()
        known = self._judged.get(key)
        if known is None or known[0] != spec:
            known = self._judged[key] = spec, judge(rule.metadata.namespace, rule.spec)
        return known[1]

    def _why_never(self, rule: AlertRule) -> str:
        """Nothing is said from services that were never listed."""
        namespace = rule.metadata.namespace
        here = (one for one in self._services.all() if one["metadata"]["namespace"] == namespace)
        return why_never(rule.spec, namespace, here) if self._services.version else ""

    async def _publish(self, rules: dict[str, Any]) -> str:
        """Writes them when they are others than those that stand there. Returns why the API server refuses them."""
        now, target = self._now(), self._target
        if self._written is None or now - self._written[1] >= SEEN_AGAIN:
            self._written = target.rules_of(await self._kube.get(target.kind, target.name, target.namespace)), now
        if self._written[0] == rules or (self._written[0] is None and not rules["groups"]):
            return ""
        try:
            await self._kube.apply(target.manifest(rules))
        except KubeError as error:
            if not error.refused:
                raise
            return f"{self._where}, where Prometheus would read it, cannot be written: {in_words(str(error))}"
        self._written = rules, now
        log.info("alert_rules_written", where=self._where, rules=len(rules["groups"]))
        return ""

    async def _ask(self, has_rules: bool) -> tuple[dict[str, Standing], str]:
        """What Prometheus made of them, or why nobody knows."""
        if self._prometheus is None:
            return {}, NOBODY_TOLD
        if not has_rules:
            return {}, ""
        try:
            return standings(await self._prometheus.rule_groups()), ""
        except PrometheusError as error:
            return {}, f"whether it fires is not known: {error}"

    async def _write(self, rule: AlertRule, fresh: AlertRuleStatus) -> None:
        if fresh == rule.status:
            return
        meta, body = rule.metadata, fresh.model_dump(mode="json", by_alias=True)
        try:
            self.rules.wrote(await self._kube.merge(KIND, meta.name, meta.namespace, {"status": body}, status=True))
        except KubeError as error:
            if not error.not_found:  # it was deleted meanwhile
                raise


@dataclass(frozen=True)
class Seen:
    """What is known of one rule."""

    judged: Judged
    is_left_out: bool = False
    """There are so many rules that this one has no room."""
    trouble: str = ""
    """Why none could be written."""
    standing: Standing | None = None
    """None: Prometheus does not name it, or was not asked."""
    unknown: str = ""
    """Why Prometheus's word is not known."""
    never: str = ""
    """Why it cannot hold as the services are: the query is not there that would make its metric."""
    where: str = ""

    @property
    def is_idle(self) -> bool:
        """What fires yet is over when Prometheus says so."""
        told = self.standing
        return bool(self.never) and not (told is not None and (told.firing or told.holding or told.trouble))


def status(rule: AlertRule, seen: Seen, now: datetime) -> AlertRuleStatus:
    """What the rule says of itself."""
    phase, says = _phase(rule, seen)
    standing = seen.standing if phase is AlertPhase.ACCEPTED else None
    is_ready = phase is AlertPhase.ACCEPTED and not (standing is not None and standing.trouble) and not seen.is_idle
    old = next((c for c in rule.status.conditions if c.type is ConditionType.READY), None)
    state = "True" if is_ready else "False"
    ready = Condition.model_validate(
        {
            "type": ConditionType.READY,
            "status": state,
            "reason": str(phase) if is_ready or phase is not AlertPhase.ACCEPTED else _reason(seen),
            "message": "" if is_ready else says[:MESSAGE_LENGTH_MAX],
            "lastTransitionTime": old.last_transition_time if old is not None and old.status == state else text(now),
            "observedGeneration": rule.metadata.generation,
        }
    )
    return AlertRuleStatus(
        phase=phase,
        message=says[:MESSAGE_LENGTH_MAX],
        expr=seen.judged.expr or None,
        firing=standing.firing if standing is not None else None,
        firing_since=standing.since if standing is not None else None,
        holding=standing.holding if standing is not None else None,
        holding_since=standing.holding_since if standing is not None else None,
        observed_generation=rule.metadata.generation,
        conditions=[ready],
    )


def _reason(seen: Seen) -> str:
    return "NothingMeasured" if seen.is_idle else "CannotBeJudged"


def _phase(rule: AlertRule, seen: Seen) -> tuple[AlertPhase, str]:
    if seen.judged.refusal:
        return AlertPhase.REFUSED, seen.judged.refusal
    if rule.spec.paused:
        return AlertPhase.PAUSED, "it rests until paused is taken back"
    if seen.is_left_out:
        return AlertPhase.REFUSED, NO_ROOM
    if seen.trouble:
        return AlertPhase.PENDING, seen.trouble
    if seen.is_idle:
        return AlertPhase.ACCEPTED, f"it cannot hold: {seen.never}"
    if seen.unknown:
        return AlertPhase.ACCEPTED, f"it stands in {seen.where}; {seen.unknown}"
    if seen.standing is None:
        return AlertPhase.ACCEPTED, f"it stands in {seen.where}, and Prometheus has not read it yet"
    if seen.standing.trouble:
        return AlertPhase.ACCEPTED, f"Prometheus cannot judge it: {seen.standing.trouble}"
    return AlertPhase.ACCEPTED, _says(seen.standing, rule.spec.for_seconds)


def _says(standing: Standing, for_seconds: int) -> str:
    if standing.firing:
        more = f", and holds for {standing.holding} more, not long enough yet" if standing.holding else ""
        return f"it fires for {standing.firing}{more}"
    if standing.holding:
        return f"it holds for {standing.holding}, and fires once that has lasted {for_seconds} s"
    return "it does not fire"


def _read(item: Object) -> AlertRule | None:
    try:
        return parse_alertrule(item)
    except ValidationError as error:
        log.warning("alert_rule_not_readable", rule=item["metadata"]["name"], error=str(error))
        return None
