"""Generates the CustomResourceDefinition from the models and the engines' catalogue, with the rules in CEL.

`moorage.api` knows no engine: what the catalogue allows comes in as `EngineRule` values.
"""

from dataclasses import dataclass

from moorage.api import dataservice as ds
from moorage.api.crd_metrics import with_query_rules
from moorage.api.cron import cron_rules
from moorage.api.schema import (
    ResourceNames,
    Schema,
    column,
    definition,
    model_schema,
    resource_schema,
    rule,
    status_schema,
    strings,
)

_DIGITS = "['0', '1', '2', '3', '4', '5', '6', '7']"
"""`string(int)` has no bounded cost in CEL; a look-up has."""


_OUT_OF_RANGE = "self.members < 1 || self.members > 7"
"""The schema's own minimum and maximum say it; the look-up would fail."""


@dataclass(frozen=True)
class EngineRule:
    """What the API server enforces for one engine. Sizes in bytes, `storage_bytes_min_text` as people write it."""

    name: str
    versions: tuple[str, ...]
    members_allowed: tuple[int, ...]
    storage_min: str
    memory_min: str
    supports_arbiter: bool
    default_version: str
    version_steps_max: int
    """How many of `versions`, oldest first, one change may go up."""

    def versions_after(self, version: str) -> tuple[str, ...]:
        """What may follow `version`, itself among them; nothing when it is not known."""
        if version not in self.versions:
            return ()
        at = self.versions.index(version)
        return self.versions[at : at + self.version_steps_max + 1]


def _at_least(value: str, least: str) -> str:
    """CEL: the quantity `value` is not below `least`. What is no quantity has its own rule."""
    return f"!isQuantity({value}) || quantity({value}).compareTo({least}) >= 0"


def _engine_rules(engine: EngineRule) -> list[Schema]:
    is_engine = f"self.engine != '{engine.name}'"
    members = "[" + ", ".join(str(n) for n in engine.members_allowed) + "]"
    allowed_members = ", ".join(str(n) for n in engine.members_allowed)
    allowed_members += ", or 2 with arbiter: true" if engine.supports_arbiter else ""
    rules = [
        rule(
            f"{is_engine} || !has(self.version) || self.version in {strings(engine.versions)}",
            f'"version \'" + self.version + "\' is not one that {engine.name} has; allowed: {", ".join(engine.versions)}"',
            ".version",
        ),
        rule(
            f"{is_engine} || !has(self.storage.size) || " + _at_least("self.storage.size", f"quantity('{engine.storage_min}')"),
            f'"storage size \'" + self.storage.size + "\' is too small for {engine.name}; allowed: {engine.storage_min} or more"',
            ".storage.size",
        ),
        rule(
            f"{is_engine} || !has(self.resources.memory) || "
            + _at_least("self.resources.memory", f"quantity('{engine.memory_min}')"),
            f'"memory \'" + self.resources.memory + "\' is too small for {engine.name}; allowed: {engine.memory_min} or more"',
            ".resources.memory",
        ),
        rule(
            f"{is_engine} || !has(self.members) || (has(self.arbiter) && self.arbiter) || {_OUT_OF_RANGE} "
            f"|| self.members in {members}",
            f'"members is " + {_DIGITS}[self.members] + "; {engine.name} needs an odd number to have a majority; '
            f'allowed: {allowed_members}"',
            ".members",
        ),
    ]
    if not engine.supports_arbiter:
        rules.append(
            rule(
                f"{is_engine} || !has(self.arbiter) || !self.arbiter",
                f"'arbiter is true, and {engine.name} has none; allowed: false, with members: {allowed_members}'",
                ".arbiter",
            )
        )
    else:
        rules.append(
            rule(
                f"{is_engine} || !has(self.arbiter) || !self.arbiter || !has(self.members) || {_OUT_OF_RANGE} "
                "|| self.members == 2",
                f'"members is " + {_DIGITS}[self.members] + "; with an arbiter there are 2 data members; '
                'allowed: 2, or leave it out"',
                ".members",
            )
        )
    return rules


def _immutable(field: str, default: str, shown: str) -> Schema:
    """`shown`: CEL that turns the value, written `%s`, into text."""
    old, new = (f"(has({of}.{field}) ? {of}.{field} : {default})" for of in ("oldSelf", "self"))
    was, wanted = shown.replace("%s", old), shown.replace("%s", new)
    return rule(
        f"{old} == {new}",
        f'"{field} cannot be changed after the service was made: it is \'" + {was} + "\' and \'" + {wanted} '
        '+ "\' was asked for; deploy a second service and move the data"',
        f".{field}",
    )


STEP_PATTERN = "^([5-9]|[1-9][0-9]|100)%$"
_STEP_ALLOWED = "a size of 1Gi or more, such as 5Gi, or a share from 5% to 100%, such as 20%"


def _auto_grow_rules() -> list[Schema]:
    has, step = "has(self.storage.autoGrow)", "self.storage.autoGrow.step"
    largest, size = "self.storage.autoGrow.max", "self.storage.size"
    is_size = f"isQuantity({step}) && quantity({step}).compareTo(quantity('1Gi')) >= 0"
    return [
        rule(
            f"!{has} || {step}.matches('{STEP_PATTERN}') || ({is_size})",
            f'"storage autoGrow.step \'" + {step} + "\' cannot be; allowed: {_STEP_ALLOWED}"',
            ".storage.autoGrow.step",
        ),
        rule(
            f"!{has} || !isQuantity({size}) || " + _at_least(largest, f"quantity({size})"),
            f'"storage autoGrow.max \'" + {largest} + "\' is smaller than storage.size; allowed: " + {size} + " or more"',
            ".storage.autoGrow.max",
        ),
    ]


def _spec_schema(engines: tuple[EngineRule, ...], time_zones: tuple[str, ...]) -> Schema:
    spec = model_schema(ds.DataServiceSpec)
    names = tuple(e.name for e in engines)
    spec["x-kubernetes-validations"] = [
        rule(
            f"self.engine in {strings(names)}",
            f'"engine \'" + self.engine + "\' is not in the catalogue; allowed: {", ".join(names)}"',
            ".engine",
        ),
        *(rule for engine in engines for rule in _engine_rules(engine)),
        _immutable("engine", "''", "%s"),
        _immutable("arbiter", "false", "(%s ? 'true' : 'false')"),
        rule(
            f"!has(self.timeZone) || self.timeZone in {strings(time_zones)}",
            '"timeZone \'" + self.timeZone + "\' does not exist; '
            'allowed: a name of the IANA time zone database, such as UTC, Asia/Shanghai or Europe/Berlin"',
            ".timeZone",
        ),
        *_auto_grow_rules(),
        *cron_rules("backup.schedule"),
        _drills_rule(),
    ]
    with_query_rules(spec)
    return spec


def _drills_rule() -> Schema:
    """While one member is hit, a majority of those with data must hold everything. Without `members` it is the default."""
    has_arbiter = "(has(self.arbiter) && self.arbiter)"
    few = f"{has_arbiter} || (has(self.members) && self.members < 3)"
    there = f"({has_arbiter} ? '2 and an arbiter' : ({_OUT_OF_RANGE} ? 'too few' : {_DIGITS}[self.members]))"
    return rule(
        f"!has(self.drills) || !has(self.drills.allowed) || !self.drills.allowed || !({few})",
        f'"drills.allowed is true, and a drill needs three or more members with data, so that a majority has everything while '
        f'one is hit; members is " + {there} + "; allowed: false, or members: 3 or more without an arbiter"',
        ".drills.allowed",
    )


_RAN = "(has(oldSelf.status) && has(oldSelf.status.init) && oldSelf.status.init.phase == 'Succeeded')"
"""At the root, where the status is seen: what a service that never ran asks for may be put right."""


def _version_rule(engine: EngineRule) -> Schema:
    """What counts is the version that the data is kept usable for. While a change is under way that is still the one before:
    it may go back, and the next one waits. A status that does not say it: the version that was asked for until now."""
    old, new = (f"(has({of}.spec.version) ? {of}.spec.version : '{engine.default_version}')" for of in ("oldSelf", "self"))
    data = f"(has(oldSelf.status.compatibility) ? oldSelf.status.compatibility : {old})"
    after = {version: engine.versions_after(version) for version in engine.versions}
    allowed = "{" + ", ".join(f"'{version}': {strings(then)}" for version, then in after.items()) + "}"
    in_words = "{" + ", ".join(f"'{version}': '{', '.join(then)}'" for version, then in after.items()) + "}"
    is_known = f"{data} in {strings(engine.versions)} && {new} in {strings(engine.versions)}"
    return rule(
        f"self.spec.engine != '{engine.name}' || {old} == {new} || !{_RAN} || !({is_known}) || {new} in {allowed}[{data}]",
        f'"version cannot go from \'" + {old} + "\' to \'" + {new} + "\': the data is of version " + {data} '
        f'+ "; allowed: " + {in_words}[{data}]',
        ".spec.version",
    )


def _class_name_rule() -> Schema:
    """A service that never ran has no volumes to move."""
    old, new = (f"(has({of}.spec.storage.className) ? {of}.spec.storage.className : '')" for of in ("oldSelf", "self"))
    return rule(
        f"{old} == {new} || !{_RAN}",
        f'"storage className cannot be changed once the service has run: it is \'" + {old} + "\' and \'" + {new} '
        '+ "\' was asked for; deploy a second service and move the data"',
        ".spec.storage.className",
    )


def _size_rule() -> Schema:
    """At the root, where the status is seen: what no volume has grown to yet may be taken back."""
    old, new, has = "oldSelf.spec.storage.size", "self.spec.storage.size", "oldSelf.status.volumeSize"
    is_smaller = f"isQuantity({has}) && isQuantity({old}) && quantity({has}).compareTo(quantity({old})) < 0"
    least = f"(has(oldSelf.status) && has({has}) && {is_smaller} ? {has} : {old})"
    return rule(
        f"!isQuantity({old}) || {_at_least(new, f'quantity({least})')}",
        f'"storage size cannot shrink from \'" + {old} + "\' to \'" + {new} + "\'; allowed: " + {least} + " or more"',
        ".spec.storage.size",
    )


def _columns() -> list[Schema]:
    return [
        column("Engine", ".spec.engine"),
        column("Version", ".status.version"),
        column("Health", ".status.healthCluster"),
        column("Members", ".status.membersReady"),
        column("Primary", ".status.primary"),
        column("Last backup", ".status.backup.lastSuccess", "date"),
        column("Age", ".metadata.creationTimestamp", "date"),
        {**column("Address", ".status.endpoints.host"), "priority": 1},
        {**column("Message", ".status.healthMsg"), "priority": 1},
    ]


def dataservice_crd(engines: tuple[EngineRule, ...], time_zones: tuple[str, ...]) -> Schema:
    """The CustomResourceDefinition of DataService. Kept on uninstall: data outlives the chart."""
    status = status_schema(ds.DataServiceStatus)
    name_rule = {
        "rule": f"self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$') && size(self.metadata.name) <= {ds.NAME_LENGTH_MAX}",
        "messageExpression": '"metadata.name \'" + self.metadata.name + "\' is not usable: allowed are at most '
        f'{ds.NAME_LENGTH_MAX} characters, lower-case letters, digits and -, starting with a letter"',
        "reason": "FieldValueInvalid",
    }
    root = resource_schema(
        _spec_schema(engines, time_zones),
        status,
        [name_rule, _class_name_rule(), _size_rule(), *(_version_rule(e) for e in engines)],
    )
    return definition(
        ResourceNames(ds.KIND, ds.PLURAL, "mds"),
        root,
        columns=_columns(),
        scale={
            "specReplicasPath": ".spec.members",
            "statusReplicasPath": ".status.clusterNodes",
            "labelSelectorPath": ".status.selector",
        },
    )
