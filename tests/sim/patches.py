"""Merge patch and server-side apply on plain objects. Nothing is changed in place."""

from typing import Any

Object = dict[str, Any]


def merged(item: Object, patch: Object) -> Object:
    """RFC 7386: null removes, objects merge, everything else replaces. The very same object when nothing changes."""
    out: Object | None = None
    for key, value in patch.items():
        old = item.get(key)
        if value is None:
            if key not in item:
                continue
        else:
            value = merged(old, value) if isinstance(value, dict) and isinstance(old, dict) else value  # noqa: PLW2901
            if isinstance(value, dict) and not isinstance(old, dict):
                value = merged({}, value)  # noqa: PLW2901 - drops its nulls
            if value == old and key in item:
                continue
        out = dict(item) if out is None else out
        if value is None:
            del out[key]
        else:
            out[key] = value
    return item if out is None else out


def applied(item: Object, before: Object, manifest: Object) -> Object:
    """Server-side apply of `manifest` by somebody who applied `before` the last time."""
    return merged(_without(item, before, manifest), manifest)


def _without(item: Object, before: Object, manifest: Object) -> Object:
    """What was applied and no longer is, is dropped."""
    out = dict(item)
    for key, old in before.items():
        if key not in manifest:
            out.pop(key, None)
        elif isinstance(old, dict) and isinstance(manifest[key], dict) and isinstance(out.get(key), dict):
            out[key] = _without(out[key], old, manifest[key])
    return out
