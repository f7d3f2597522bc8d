"""A person's alert for other tools: as YAML and as command lines. Pure."""

import shlex
from collections.abc import Iterator
from typing import Any

from moorage.monitoring.own.fence import number
from moorage.server.deploy import SameAs, for_kubectl

Object = dict[str, Any]
_OF_METRIC = {"--metric", "--when", "--label"}
_NOTHING = {"--for": "0s"}


def same_as(wanted: Object, old: Object | None = None) -> SameAs:
    """YAML, a kubectl line that takes it, and the line of our own program that makes it. `old`: the spec that stands there, of a
    rule that is changed; its line says only what is another."""
    text, kubectl = for_kubectl(wanted)
    words = _made(wanted) if old is None else _changed(wanted, old)
    return SameAs(yaml=text, kubectl=kubectl, moorage=shlex.join(words))


def _verb(verb: str, wanted: Object) -> Iterator[str]:
    meta = wanted["metadata"]
    yield from ("moorage", "alerts", "rules", verb, meta["name"], "-n", meta["namespace"])


def _made(wanted: Object) -> Iterator[str]:
    spec = wanted["spec"]
    yield from _verb("create", wanted)
    for option, values in _options(spec).items():
        for value in values:
            yield from (option, value)
    if spec.get("paused"):
        yield "--paused"


def _changed(wanted: Object, old: Object) -> Iterator[str]:
    """What is another, and '' for what is taken away. A metric and PromQL take each other's place by themselves."""
    spec = wanted["spec"]
    now, before = _options(spec), _options(old)
    other = {option for option in now if now[option] != before[option]}
    if spec.get("promql"):
        other -= _OF_METRIC
    else:
        other -= {"--promql"}
        other |= {option for option in _OF_METRIC if "--metric" in other and now[option]}
    yield from _verb("change", wanted)
    for option in now:
        for value in (now[option] or [_NOTHING.get(option, "")]) if option in other else ():
            yield from (option, value)
    if bool(spec.get("paused")) != bool(old.get("paused")):
        yield "--paused" if spec.get("paused") else "--no-paused"


def _options(spec: Object) -> dict[str, list[str]]:
    """Each option with its values; none: it is not said."""
    when = f"{spec.get('comparison')} {number(spec['threshold'])}" if spec.get("threshold") is not None else None
    lasts = f"{spec['forSeconds']}s" if spec.get("forSeconds") else None
    english, chinese = spec.get("text") or {}, spec.get("textZh") or {}
    single = {
        "--service": spec.get("service"),
        "--metric": spec.get("metric"),
        "--when": when,
        "--promql": spec.get("promql"),
        "--for": lasts,
        "--severity": spec.get("severity"),
        "--summary": english.get("summary"),
        "--description": english.get("description"),
        "--summary-zh": chinese.get("summary"),
        "--description-zh": chinese.get("description"),
    }
    return {
        **{option: [value] if value else [] for option, value in single.items()},
        "--label": [f"{name}={value}" for name, value in (spec.get("labels") or {}).items()],
        "--channel": list(spec.get("channels") or []),
    }
