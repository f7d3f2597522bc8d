"""Generates the CustomResourceDefinition from the models and the engines' catalogue, with the rules in CEL.

`moorage.api` knows no engine: what the catalogue allows comes in as `EngineRule` values.
"""

from dataclasses import dataclass
from typing import Any

from moorage.api import dataservice as ds
from moorage.api.conditions import Resource
from moorage.api.quantity import PATTERN

Schema = dict[str, Any]

_DIGITS = "['0', '1', '2', '3', '4', '5', '6', '7']"
"""`string(int)` has no bounded cost in CEL; a look-up has."""


_OUT_OF_RANGE = "self.members < 1 || self.members > 7"
"""The schema's own minimum and maximum say it; the look-up would fail."""

_QUANTITY_RULE: Schema = {
    "rule": f"self.matches(r'{PATTERN}')",
    "messageExpression": '"\'" + self + "\' is not a quantity; '
    'allowed: a number with an optional unit, such as 500m, 2Gi or 20Gi"',
    "reason": "FieldValueInvalid",
}
"""Instead of `pattern`: the server would answer with the regular expression."""


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


def _inline(schema: Schema, definitions: Schema) -> Schema:
    """Resolves `$ref`, turns `anyOf [T, null]` into T and drops what structural schemas do not allow."""
    if "$ref" in schema:
        target = definitions[schema["$ref"].rsplit("/", 1)[1]]
        return _inline({**target, **{k: v for k, v in schema.items() if k != "$ref"}}, definitions)
    if "anyOf" in schema:
        (only,) = [s for s in schema["anyOf"] if s.get("type") != "null"]
        return _inline({**only, **{k: v for k, v in schema.items() if k not in ("anyOf", "default")}}, definitions)
    out = {k: v for k, v in schema.items() if k not in ("title", "$defs", "propertyNames", "const")}
    if "properties" in out:
        out["properties"] = {k: _inline(v, definitions) for k, v in out["properties"].items()}
    if "items" in out:
        out["items"] = _inline(out["items"], definitions)
    if isinstance(out.get("additionalProperties"), dict):
        out["additionalProperties"] = _inline(out["additionalProperties"], definitions)
    if out.get("pattern") == PATTERN:
        out |= {"pattern": None, "x-kubernetes-validations": [_QUANTITY_RULE]}
    out = {k: v for k, v in out.items() if v is not None or k == "default"}
    default = out.pop("default", None)
    if isinstance(default, dict):
        default = {k: v for k, v in default.items() if v is not None}
    return out if default is None else {**out, "default": default}


def _without_defaults(schema: Schema) -> Schema:
    """A status says what was seen; the API server must not fill in what was not."""
    out = {k: v for k, v in schema.items() if k != "default"}
    if "properties" in out:
        out["properties"] = {k: _without_defaults(v) for k, v in out["properties"].items()}
    return out


def _model_schema(model: type[Resource]) -> Schema:
    schema = model.model_json_schema(by_alias=True)
    return _inline(schema, schema.get("$defs", {}))


def _rule(rule: str, message: str, path: str) -> Schema:
    """A CEL rule; `message` is a CEL string expression so that it can name the value that was found."""
    return {"rule": rule, "messageExpression": message, "fieldPath": path, "reason": "FieldValueInvalid"}


def _at_least(value: str, least: str) -> str:
    """CEL: the quantity `value` is not below `least`. What is no quantity has its own rule."""
    return f"!isQuantity({value}) || quantity({value}).compareTo({least}) >= 0"


def _strings(values: tuple[str, ...]) -> str:
    return "[" + ", ".join(f"'{v}'" for v in values) + "]"


def _engine_rules(engine: EngineRule) -> list[Schema]:
    is_engine = f"self.engine != '{engine.name}'"
    members = "[" + ", ".join(str(n) for n in engine.members_allowed) + "]"
    allowed_members = ", ".join(str(n) for n in engine.members_allowed)
    allowed_members += ", or 2 with arbiter: true" if engine.supports_arbiter else ""
    rules = [
        _rule(
            f"{is_engine} || !has(self.version) || self.version in {_strings(engine.versions)}",
            f'"version \'" + self.version + "\' is not one that {engine.name} has; allowed: {", ".join(engine.versions)}"',
            ".version",
        ),
        _rule(
            f"{is_engine} || !has(self.storage.size) || " + _at_least("self.storage.size", f"quantity('{engine.storage_min}')"),
            f'"storage size \'" + self.storage.size + "\' is too small for {engine.name}; allowed: {engine.storage_min} or more"',
            ".storage.size",
        ),
        _rule(
            f"{is_engine} || !has(self.resources.memory) || "
            + _at_least("self.resources.memory", f"quantity('{engine.memory_min}')"),
            f'"memory \'" + self.resources.memory + "\' is too small for {engine.name}; allowed: {engine.memory_min} or more"',
            ".resources.memory",
        ),
        _rule(
            f"{is_engine} || !has(self.members) || (has(self.arbiter) && self.arbiter) || {_OUT_OF_RANGE} "
            f"|| self.members in {members}",
            f'"members is " + {_DIGITS}[self.members] + "; {engine.name} needs an odd number to have a majority; '
            f'allowed: {allowed_members}"',
            ".members",
        ),
    ]
    if engine.supports_arbiter:
        rules.append(
            _rule(
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
    return _rule(
        f"{old} == {new}",
        f'"{field} cannot be changed after the service was made: it is \'" + {was} + "\' and \'" + {wanted} '
        '+ "\' was asked for; deploy a second service and move the data"',
        f".{field}",
    )


def _spec_schema(engines: tuple[EngineRule, ...], time_zones: tuple[str, ...]) -> Schema:
    spec = _model_schema(ds.DataServiceSpec)
    names = tuple(e.name for e in engines)
    spec["x-kubernetes-validations"] = [
        _rule(
            f"self.engine in {_strings(names)}",
            f'"engine \'" + self.engine + "\' is not in the catalogue; allowed: {", ".join(names)}"',
            ".engine",
        ),
        *(rule for engine in engines for rule in _engine_rules(engine)),
        _immutable("engine", "''", "%s"),
        _immutable("arbiter", "false", "(%s ? 'true' : 'false')"),
        _rule(
            f"!has(self.timeZone) || self.timeZone in {_strings(time_zones)}",
            '"timeZone \'" + self.timeZone + "\' does not exist; '
            'allowed: a name of the IANA time zone database, such as UTC, Asia/Shanghai or Europe/Berlin"',
            ".timeZone",
        ),
    ]
    return spec


_RAN = "(has(oldSelf.status) && has(oldSelf.status.init) && oldSelf.status.init.phase == 'Succeeded')"
"""At the root, where the status is seen: what a service that never ran asks for may be put right."""


def _version_rule(engine: EngineRule) -> Schema:
    """What counts is the version that the data is kept usable for. While a change is under way that is still the one before:
    it may go back, and the next one waits. A status that does not say it: the version that was asked for until now."""
    old, new = (f"(has({of}.spec.version) ? {of}.spec.version : '{engine.default_version}')" for of in ("oldSelf", "self"))
    data = f"(has(oldSelf.status.compatibility) ? oldSelf.status.compatibility : {old})"
    after = {version: engine.versions_after(version) for version in engine.versions}
    allowed = "{" + ", ".join(f"'{version}': {_strings(then)}" for version, then in after.items()) + "}"
    in_words = "{" + ", ".join(f"'{version}': '{', '.join(then)}'" for version, then in after.items()) + "}"
    is_known = f"{data} in {_strings(engine.versions)} && {new} in {_strings(engine.versions)}"
    return _rule(
        f"self.spec.engine != '{engine.name}' || {old} == {new} || !{_RAN} || !({is_known}) || {new} in {allowed}[{data}]",
        f'"version cannot go from \'" + {old} + "\' to \'" + {new} + "\': the data is of version " + {data} '
        f'+ "; allowed: " + {in_words}[{data}]',
        ".spec.version",
    )


def _class_name_rule() -> Schema:
    """A service that never ran has no volumes to move."""
    old, new = (f"(has({of}.spec.storage.className) ? {of}.spec.storage.className : '')" for of in ("oldSelf", "self"))
    return _rule(
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
    return _rule(
        f"!isQuantity({old}) || {_at_least(new, f'quantity({least})')}",
        f'"storage size cannot shrink from \'" + {old} + "\' to \'" + {new} + "\'; allowed: " + {least} + " or more"',
        ".spec.storage.size",
    )


def _columns() -> list[Schema]:
    def column(name: str, path: str, kind: str = "string") -> Schema:
        return {"name": name, "type": kind, "jsonPath": path}

    return [
        column("Engine", ".spec.engine"),
        column("Version", ".status.version"),
        column("Health", ".status.healthCluster"),
        column("Members", ".status.membersReady"),
        column("Primary", ".status.primary"),
        column("Age", ".metadata.creationTimestamp", "date"),
        {**column("Address", ".status.endpoints.host"), "priority": 1},
        {**column("Message", ".status.healthMsg"), "priority": 1},
    ]


def dataservice_crd(engines: tuple[EngineRule, ...], time_zones: tuple[str, ...]) -> Schema:
    """The CustomResourceDefinition of DataService. Kept on uninstall: data outlives the chart."""
    status = _without_defaults(_model_schema(ds.DataServiceStatus))
    status["properties"]["conditions"] |= {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"]}
    name_rule = {
        "rule": f"self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$') && size(self.metadata.name) <= {ds.NAME_LENGTH_MAX}",
        "messageExpression": '"metadata.name \'" + self.metadata.name + "\' is not usable: allowed are at most '
        f'{ds.NAME_LENGTH_MAX} characters, lower-case letters, digits and -, starting with a letter"',
        "reason": "FieldValueInvalid",
    }
    root = {
        "type": "object",
        "required": ["spec"],
        "properties": {
            "apiVersion": {"type": "string"},
            "kind": {"type": "string"},
            "metadata": {"type": "object"},
            "spec": _spec_schema(engines, time_zones),
            "status": status,
        },
        "x-kubernetes-validations": [name_rule, _class_name_rule(), _size_rule(), *(_version_rule(e) for e in engines)],
    }
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {
            "name": f"{ds.PLURAL}.{ds.GROUP}",
            "annotations": {"helm.sh/resource-policy": "keep"},
            "labels": {"app.kubernetes.io/part-of": "moorage"},
        },
        "spec": {
            "group": ds.GROUP,
            "scope": "Namespaced",
            "names": {
                "kind": ds.KIND,
                "listKind": f"{ds.KIND}List",
                "plural": ds.PLURAL,
                "singular": "dataservice",
                "shortNames": ["mds"],
                "categories": ["all", "moorage"],
            },
            "versions": [
                {
                    "name": ds.VERSION,
                    "served": True,
                    "storage": True,
                    "additionalPrinterColumns": _columns(),
                    "subresources": {
                        "status": {},
                        "scale": {
                            "specReplicasPath": ".spec.members",
                            "statusReplicasPath": ".status.clusterNodes",
                            "labelSelectorPath": ".status.selector",
                        },
                    },
                    "schema": {"openAPIV3Schema": root},
                }
            ],
        },
    }
