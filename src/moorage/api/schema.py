"""From a model to the CustomResourceDefinition that the API server wants, and the words for a CEL rule."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from moorage.api.conditions import Resource
from moorage.api.quantity import PATTERN

Schema = dict[str, Any]
GROUP = "moorage.dev"
VERSION = "v1"
API_VERSION = f"{GROUP}/{VERSION}"

QUANTITY_RULE: Schema = {
    "rule": f"self.matches(r'{PATTERN}')",
    "messageExpression": '"\'" + self + "\' is not a quantity; '
    'allowed: a number with an optional unit, such as 500m, 2Gi or 20Gi"',
    "reason": "FieldValueInvalid",
}
"""Instead of `pattern`: the server would answer with the regular expression."""


def inline(schema: Schema, definitions: Schema) -> Schema:
    """Resolves `$ref`, turns `anyOf [T, null]` into T and drops what structural schemas do not allow."""
    if "$ref" in schema:
        target = definitions[schema["$ref"].rsplit("/", 1)[1]]
        return inline({**target, **{k: v for k, v in schema.items() if k != "$ref"}}, definitions)
    if "anyOf" in schema:
        (only,) = [s for s in schema["anyOf"] if s.get("type") != "null"]
        return inline({**only, **{k: v for k, v in schema.items() if k not in ("anyOf", "default")}}, definitions)
    out = {k: v for k, v in schema.items() if k not in ("title", "$defs", "propertyNames", "const")}
    if "properties" in out:
        out["properties"] = {k: inline(v, definitions) for k, v in out["properties"].items()}
    if "items" in out:
        out["items"] = inline(out["items"], definitions)
    if isinstance(out.get("additionalProperties"), dict):
        out["additionalProperties"] = inline(out["additionalProperties"], definitions)
    if out.get("pattern") == PATTERN:
        out |= {"pattern": None, "x-kubernetes-validations": [QUANTITY_RULE]}
    out = {k: v for k, v in out.items() if v is not None or k == "default"}
    default = out.pop("default", None)
    if isinstance(default, dict):
        default = {k: v for k, v in default.items() if v is not None}
    return out if default is None else {**out, "default": default}


def without_defaults(schema: Schema) -> Schema:
    """A status says what was seen; the API server must not fill in what was not."""
    out = {k: v for k, v in schema.items() if k != "default"}
    if "properties" in out:
        out["properties"] = {k: without_defaults(v) for k, v in out["properties"].items()}
    return out


def model_schema(model: type[Resource]) -> Schema:
    schema = model.model_json_schema(by_alias=True)
    return inline(schema, schema.get("$defs", {}))


def rule(expression: str, message: str, path: str) -> Schema:
    """A CEL rule; `message` is a CEL string expression so that it can name the value that was found."""
    return {"rule": expression, "messageExpression": message, "fieldPath": path, "reason": "FieldValueInvalid"}


def strings(values: tuple[str, ...]) -> str:
    return "[" + ", ".join(f"'{v}'" for v in values) + "]"


def status_schema(model: type[Resource]) -> Schema:
    """Of a status: nothing is filled in, and conditions are merged by their type."""
    status = without_defaults(model_schema(model))
    if "conditions" in status["properties"]:
        status["properties"]["conditions"] |= {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"]}
    return status


def resource_schema(spec: Schema, status: Schema, rules: Sequence[Schema] = ()) -> Schema:
    """Of a whole object; `rules` see its name and its status."""
    root: Schema = {
        "type": "object",
        "required": ["spec"],
        "properties": {
            "apiVersion": {"type": "string"},
            "kind": {"type": "string"},
            "metadata": {"type": "object"},
            "spec": spec,
            "status": status,
        },
    }
    return {**root, "x-kubernetes-validations": list(rules)} if rules else root


def column(name: str, path: str, kind: str = "string") -> Schema:
    """One column of `kubectl get`."""
    return {"name": name, "type": kind, "jsonPath": path}


@dataclass(frozen=True)
class ResourceNames:
    """How people name a resource."""

    kind: str
    plural: str
    short: str


def definition(names: ResourceNames, root: Schema, *, columns: Sequence[Schema], scale: Schema | None = None) -> Schema:
    """The CustomResourceDefinition. Kept on uninstall: what people declared outlives the chart."""
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {
            "name": f"{names.plural}.{GROUP}",
            "annotations": {"helm.sh/resource-policy": "keep"},
            "labels": {"app.kubernetes.io/part-of": "moorage"},
        },
        "spec": {
            "group": GROUP,
            "scope": "Namespaced",
            "names": {
                "kind": names.kind,
                "listKind": f"{names.kind}List",
                "plural": names.plural,
                "singular": names.kind.lower(),
                "shortNames": [names.short],
                "categories": ["all", "moorage"],
            },
            "versions": [
                {
                    "name": VERSION,
                    "served": True,
                    "storage": True,
                    "additionalPrinterColumns": list(columns),
                    "subresources": {"status": {}} if scale is None else {"status": {}, "scale": scale},
                    "schema": {"openAPIV3Schema": root},
                }
            ],
        },
    }
