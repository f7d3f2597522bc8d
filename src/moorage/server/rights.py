"""What a person may do in a space, so that a button that would be refused says so before. Pure."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

Rule = Mapping[str, Any]


class Deed(StrEnum):
    """What buttons do."""

    DEPLOY = "deploy"
    CHANGE = "change"
    """Settings, promote, restart, rebuild, maintenance."""
    DELETE = "delete"
    BACK_UP = "backUp"
    DELETE_BACKUP = "deleteBackup"
    RESTORE = "restore"
    READ_PASSWORD = "readPassword"  # noqa: S105 - a deed
    READ_LOGS = "readLogs"
    READ_EVENTS = "readEvents"
    GIVE_UP = "giveUp"
    """The volumes of a deleted service."""
    MANAGE_STORES = "manageStores"
    MANAGE_ALERTS = "manageAlerts"
    """Alerts of one's own."""
    MANAGE_MEMBERS = "manageMembers"
    """Who belongs to the space."""
    CREATE_SPACE = "createSpace"
    LIST_CHANNELS = "listChannels"
    CREATE_CHANNEL = "createChannel"
    CHANGE_CHANNEL = "changeChannel"
    DELETE_CHANNEL = "deleteChannel"


OF_THE_CLUSTER = frozenset({Deed.CREATE_SPACE, Deed.LIST_CHANNELS, Deed.CREATE_CHANNEL, Deed.CHANGE_CHANNEL, Deed.DELETE_CHANNEL})
"""No space's own: they are asked of the whole cluster. Channels are a resource that only roles know, as accounts are: whoever may
change them need not be able to read Secrets."""

_OURS = "moorage.dev"
_RBAC = "rbac.authorization.k8s.io"
NEEDED: dict[Deed, tuple[str, str, str]] = {
    Deed.DEPLOY: (_OURS, "dataservices", "create"),
    Deed.CHANGE: (_OURS, "dataservices", "patch"),
    Deed.DELETE: (_OURS, "dataservices", "delete"),
    Deed.BACK_UP: (_OURS, "databackups", "create"),
    Deed.DELETE_BACKUP: (_OURS, "databackups", "delete"),
    Deed.RESTORE: (_OURS, "datarestores", "create"),
    Deed.READ_PASSWORD: ("", "secrets", "get"),
    Deed.READ_LOGS: ("", "pods/log", "get"),
    Deed.READ_EVENTS: ("", "events", "list"),
    Deed.GIVE_UP: ("", "persistentvolumeclaims", "delete"),
    Deed.MANAGE_STORES: (_OURS, "backupstores", "create"),
    Deed.MANAGE_ALERTS: (_OURS, "alertrules", "create"),
    Deed.MANAGE_MEMBERS: (_RBAC, "rolebindings", "create"),
    Deed.CREATE_SPACE: ("", "namespaces", "create"),
    Deed.LIST_CHANNELS: (_OURS, "channels", "list"),
    Deed.CREATE_CHANNEL: (_OURS, "channels", "create"),
    Deed.CHANGE_CHANNEL: (_OURS, "channels", "update"),
    Deed.DELETE_CHANNEL: (_OURS, "channels", "delete"),
}
"""Deed → group, resource, verb."""


def allowed(rules: Iterable[Rule]) -> dict[Deed, bool]:
    """By the rules of a SelfSubjectRulesReview. Rules for single names count for nothing: a button is for all of a space."""
    general = [rule for rule in rules if not rule.get("resourceNames")]
    return {deed: any(_grants(rule, *need) for rule in general) for deed, need in NEEDED.items()}


def _grants(rule: Rule, group: str, resource: str, verb: str) -> bool:
    subresource = resource.partition("/")[2]
    resources = {"*", resource, *({f"*/{subresource}"} if subresource else ())}
    return (
        not {"*", group}.isdisjoint(rule.get("apiGroups") or ())
        and not resources.isdisjoint(rule.get("resources") or ())
        and not {"*", verb}.isdisjoint(rule.get("verbs") or ())
    )


def right(deed: Deed) -> str:
    """What Kubernetes calls it, such as `patch dataservices.moorage.dev`."""
    group, resource, verb = NEEDED[deed]
    return f"{verb} {resource}.{group}" if group else f"{verb} {resource}"


def why_not(deed: Deed, space: str) -> str:
    """What a disabled button says. `space` empty: every one."""
    if deed in OF_THE_CLUSTER:
        return f"you may not {right(deed)}; an administrator can change that"
    return f"you may not {right(deed)} in {space or 'every space'}; whoever manages the space's members can change that"
