"""Sets of transactions as MySQL writes them: `UUID:1-5:7,UUID:tag:1-3`. Pure.

A transaction is known by where it comes from (a UUID and, since 8.3, a tag) and a number. What a member holds is such a set.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

Source = tuple[str, str]
"""UUID and tag; the tag is empty for most."""
Spans = tuple[tuple[int, int], ...]
"""First and last number of each run, both in it; in order, apart from each other."""

_UUID = re.compile(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
_TAG = re.compile(r"^[a-z_][a-z0-9_]{0,31}$")
_SPAN = re.compile(r"^([1-9][0-9]{0,18})(?:-([1-9][0-9]{0,18}))?$")
SHOWN_MAX = 5


@dataclass(frozen=True)
class GtidSet:
    """Immutable; equal when they hold the same transactions."""

    spans: Mapping[Source, Spans] = field(default_factory=dict)

    def __le__(self, other: "GtidSet") -> bool:
        """Whether the other one holds everything that this one does."""
        return not self - other

    def __or__(self, other: "GtidSet") -> "GtidSet":
        sources = {*self.spans, *other.spans}
        return of_spans({s: (*self.spans.get(s, ()), *other.spans.get(s, ())) for s in sources})

    def __sub__(self, other: "GtidSet") -> "GtidSet":
        return of_spans({s: _without(spans, other.spans.get(s, ())) for s, spans in self.spans.items()})

    def __bool__(self) -> bool:
        return bool(self.spans)

    def __len__(self) -> int:
        """How many transactions."""
        return sum(last - first + 1 for spans in self.spans.values() for first, last in spans)

    def __str__(self) -> str:
        """As MySQL writes it, in order of UUID and tag."""
        texts = []
        for (uuid, tag), spans in sorted(self.spans.items()):
            runs = ":".join(f"{first}" if first == last else f"{first}-{last}" for first, last in spans)
            texts.append(f"{uuid}:{tag}:{runs}" if tag else f"{uuid}:{runs}")
        return ",".join(texts)

    def shown(self) -> str:
        """For people: how many, and the first of them."""
        texts = str(self).split(",")
        more = f" and {len(texts) - SHOWN_MAX} more sources" if len(texts) > SHOWN_MAX else ""
        count = len(self)
        return f"{count} transaction{'s' if count != 1 else ''} ({','.join(texts[:SHOWN_MAX])}{more})"


def parse(text: str) -> GtidSet:
    """Raises ValueError when it is no set of transactions."""
    found: dict[Source, list[tuple[int, int]]] = {}
    for part in filter(None, re.sub(r"\s", "", text.lower()).split(",")):
        uuid, *rest = part.split(":")
        if not _UUID.match(uuid) or not rest:
            raise ValueError(
                f"'{part[:80]}' is no set of transactions; one looks like UUID:1-5:7, with - between groups of digits"
            )
        tag = ""
        for piece in rest:
            if (span := _SPAN.match(piece)) is not None:
                first, last = int(span[1]), int(span[2] or span[1])
                if first > last:
                    raise ValueError(f"'{piece}' in '{part[:80]}' ends before it begins")
                found.setdefault((uuid, tag), []).append((first, last))
            elif _TAG.match(piece):
                tag = piece
            else:
                raise ValueError(f"'{piece[:40]}' in '{part[:80]}' is neither numbers nor a tag")
    return of_spans({source: tuple(spans) for source, spans in found.items()})


def union(sets: Iterable[GtidSet]) -> GtidSet:
    result = GtidSet()
    for each in sets:
        result |= each
    return result


def of_spans(spans: Mapping[Source, Iterable[tuple[int, int]]]) -> GtidSet:
    """From runs in any order, which may overlap."""
    joined = {source: _joined(runs) for source, runs in spans.items()}
    return GtidSet({source: runs for source, runs in sorted(joined.items()) if runs})


def _joined(runs: Iterable[tuple[int, int]]) -> Spans:
    result: list[tuple[int, int]] = []
    for first, last in sorted(runs):
        if result and first <= result[-1][1] + 1:
            result[-1] = (result[-1][0], max(result[-1][1], last))
        else:
            result.append((first, last))
    return tuple(result)


def _without(runs: Spans, taken: Spans) -> Spans:
    """Both in order, so that one walk does: sets of a long life have thousands of runs."""
    result, others, at = list[tuple[int, int]](), list(taken), 0
    for run in runs:
        first, last = run
        while at < len(others) and others[at][1] < first:
            at += 1
        look = at
        while look < len(others) and others[look][0] <= last:
            if others[look][0] > first:
                result.append((first, others[look][0] - 1))
            first = others[look][1] + 1
            if first > last:
                break
            look += 1
        if first <= last:
            result.append((first, last))
    return tuple(result)
