"""From Kubernetes' refusals and failures to short words that say what to do. Pure.

The words stay the same while the cause does: what counts up, and ids of single requests, are left out.
"""

import re
from collections.abc import Callable

LENGTH_MAX = 300

_Words = Callable[[re.Match[str]], str]
_NOISE = (
    (r"^\(combined from similar events\): ", ""),
    (r"rpc error: code = \w+ desc = ", ""),
    (r"\s+", " "),
    (r"(?<!pvc-)\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", "…"),
    (r"(?i),? ?\brequest ?id:? ?\S+", ""),
    (r'"', "'"),
    (r"[{\[]", "("),
    (r"[}\]]", ")"),
)


def in_words(message: str) -> str:
    """What the API server or a controller says, for people."""
    said = tidy(message)
    for pattern, words in _KNOWN:
        found = pattern.search(said)
        if found is not None:
            return _cut(words(found))
    return _cut(re.sub(r"^.*?\bis (forbidden|invalid): ", "", said))


def tidy(message: str) -> str:
    """Without what is of no use to people or differs from try to try."""
    for pattern, instead in _NOISE:
        message = re.sub(pattern, instead, message)
    return message.strip()


def _cut(text: str) -> str:
    return text if len(text) <= LENGTH_MAX else f"{text[: LENGTH_MAX - 1].rstrip()}…"


def _quota(found: re.Match[str]) -> str:
    """What is used already is not said: it changes with everything else in the namespace."""
    asked, limited = _pairs(found["requested"]), _pairs(found["limited"])
    each = "; ".join(f"{what} is limited to {limited.get(what, '0')}, and {much} more is wanted" for what, much in asked.items())
    return f"ResourceQuota '{found['quota']}' does not allow it: {each}; raise the quota or ask for less"


def _pairs(text: str) -> dict[str, str]:
    return {key: value for key, _, value in (pair.partition("=") for pair in text.split(",")) if value}


def _limits(found: re.Match[str]) -> str:
    return f"a LimitRange does not allow it: {found['rules'].strip('()')}"


def _policy(found: re.Match[str]) -> str:
    return f"policy '{found['name']}' does not allow it: {found['why']}"


def _webhook(found: re.Match[str]) -> str:
    return f"admission webhook '{found['name']}' does not allow it" + (f": {found['why']}" if found["why"] else "")


def _rights(found: re.Match[str]) -> str:
    return f"'{found['user']}' may not {found['verb']} {found['kind']} (RBAC): bring its ClusterRole up to date"


_KNOWN: tuple[tuple[re.Pattern[str], _Words], ...] = (
    (re.compile(r"exceeded quota: (?P<quota>[^,]+), requested: (?P<requested>.+), used: .+, limited: (?P<limited>\S+)"), _quota),
    (
        re.compile(r"failed quota: (?P<quota>[^:]+): must specify (?P<what>.+)"),
        lambda m: f"ResourceQuota '{m['quota']}' wants every container to say {m['what']}; a LimitRange can fill it in",
    ),
    (
        re.compile(r"is forbidden: (?P<rules>\(?(maximum|minimum) \S+ usage per .+|\(?\S+ max limit to request ratio per .+)$"),
        _limits,
    ),
    (
        re.compile(r"violates PodSecurity '(?P<level>[^']+)': (?P<why>.+)"),
        lambda m: f"the namespace's Pod Security '{m['level']}' does not allow it: {m['why']}",
    ),
    (
        re.compile(r"ValidatingAdmissionPolicy '(?P<name>[^']+)'( with binding '[^']+')? denied request: (?P<why>.+)"),
        _policy,
    ),
    (
        re.compile(r"admission webhook '(?P<name>[^']+)' denied the request(: | without explanation)(?P<why>.*)"),
        _webhook,
    ),
    (
        re.compile(r"failed calling webhook '(?P<name>[^']+)'"),
        lambda m: f"admission webhook '{m['name']}' does not answer, and nothing passes without it",
    ),
    (re.compile(r"User '(?P<user>[^']+)' cannot (?P<verb>\w+) resource '(?P<kind>[^']+)'"), _rights),
    (
        re.compile(r"attempting to grant RBAC permissions not currently held"),
        lambda _: "Moorage may not grant its members what they need (RBAC): bring its ClusterRole up to date",
    ),
    (
        re.compile(r"only dynamically provisioned pvc can be resized"),
        lambda _: "its StorageClass does not let volumes grow",
    ),
    (
        re.compile(r"failed to provision volume with StorageClass '(?P<name>[^']+)': (?P<why>.+)"),
        lambda m: f"StorageClass '{m['name']}' cannot provide it: {m['why']}",
    ),
)
