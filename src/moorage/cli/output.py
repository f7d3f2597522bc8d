"""Where everything that is printed goes through: data on stdout, the rest on stderr, colour never alone."""

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any

from moorage.api.dataservice import Health

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from moorage.views.shown import Shown

_WIDE = 4096
"""Nothing is cut or wrapped for a pipe."""
_MARKS = {
    Health.GREEN: ("●", "green"),
    Health.YELLOW: ("▲", "yellow"),
    Health.RED: ("■", "bold red"),
    Health.UNKNOWN: ("○", "dim"),
}


class Format(StrEnum):
    """How data is printed."""

    TEXT = "text"
    JSON = "json"
    YAML = "yaml"


def console() -> "Console":
    """stdout."""
    from rich.console import Console  # noqa: PLC0415 - only text for people needs it

    return Console(highlight=False, width=None if sys.stdout.isatty() else _WIDE)


def say(sentence: str) -> None:
    """A remark beside the data."""
    print(sentence, file=sys.stderr, flush=True)  # noqa: T201 - this is the place that prints


def hint(command: str) -> None:
    """What to do next; every command ends with it."""
    say(f"next: {command}")


def show(renderable: Any) -> None:
    """Text for people."""
    console().print(renderable)


def line(text: str) -> None:
    """One line of plain data."""
    print(text, flush=True)  # noqa: T201 - this is the place that prints


def data(value: object, form: Format) -> None:
    """The same object for a program."""
    line(dumps(value, form))


def dumps(value: object, form: Format) -> str:
    if form is Format.JSON:
        return json.dumps(value, indent=2, ensure_ascii=False)
    import yaml  # noqa: PLC0415 - 20 ms that only YAML needs

    return yaml.safe_dump(value, sort_keys=False, allow_unicode=True).rstrip("\n")


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, empty: str) -> None:
    """Columns as kubectl prints them. Cells are markup: escape what is not ours. `empty` is said when there is no row."""
    from rich.table import Table  # noqa: PLC0415

    grid = Table(box=None, pad_edge=False, show_edge=False, padding=(0, 3, 0, 0), header_style="bold", show_header=any(columns))
    for number, column in enumerate(columns):
        is_last = number == len(columns) - 1
        grid.add_column(column, no_wrap=not is_last, overflow="fold")
    for row in rows:
        grid.add_row(*row)
    if grid.row_count:
        for text in _rendered(grid):
            line(text)
    else:
        say(empty)


def listing(
    columns: Sequence[str], views: Sequence["Shown"], row: Callable[[Any], Sequence[str]], *, empty: str, with_namespace: bool
) -> None:
    """A line for each; with its namespace first where several are listed."""
    first = ["NAMESPACE"] if with_namespace else []
    rows = ([*([plain(view.namespace)] if with_namespace else []), *row(view)] for view in views)
    table([*first, *columns], rows, empty=empty)


def facts(pairs: Sequence[tuple[str, str]]) -> None:
    """What there is to know, one fact a line. Values are markup."""
    width = max(len(key) for key, _ in pairs)
    show("\n".join(f"[dim]{key:<{width}}[/]  {value}" for key, value in pairs))


def _rendered(grid: "Table") -> list[str]:
    """The table's lines without the blanks at their ends."""
    out = console()
    with out.capture() as captured:
        out.print(grid)
    return [text.rstrip() for text in captured.get().rstrip("\n").split("\n")]


@cache
def _has_marks() -> bool:
    return (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"


def health(colour: Health) -> str:
    """Mark, word and colour: the shape tells as much as the colour."""
    mark, style = _MARKS[colour]
    return f"[{style}]{mark + ' ' if _has_marks() else ''}{colour}[/]"


def plain(text: object) -> str:
    """Text that is not ours, safe inside markup; `-` for nothing."""
    from rich.markup import escape  # noqa: PLC0415

    return escape(str(text)) if text not in (None, "") else "-"
