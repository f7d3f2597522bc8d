"""Which pages the console has, out of its own source: one that is added is looked at without anybody thinking of it."""

import re
from pathlib import Path

from devcluster.config import CHECKOUT
from tests.web import fleet

SOURCE = CHECKOUT / "web/src"
_VALUES = {"engine": "mongodb", "space": fleet.SPACE, "name": fleet.SERVICE, "rule": fleet.ALERT, "channel": fleet.CHANNEL}
"""What stands for a `:word` in an address."""
_ROUTE = re.compile(r'<Route path="([^"]+)" element=\{<(\w+) />\} />')
_PAGE = re.compile(r'const (\w+) = lazy\(\(\) => import\("\.\./pages/([\w/]+)"\)\)')
_TABS = re.compile(r"^const TABS = [\[{]([^\]}]*)[\]}]", re.MULTILINE)
_TAB = re.compile(r'"(\w+)"|(\w+):')
"""In a list, or before what is shown of it."""


def addresses() -> list[str]:
    """One of each page, and of each tab of those that have tabs."""
    table = (SOURCE / "app/console.tsx").read_text()
    routes = _ROUTE.findall(table)
    assert len(routes) == table.count("<Route "), "a route is written in a way that is not read here"
    files = dict(_PAGE.findall(table))
    return [_filled(route, tab) for route, page in routes for tab in (_tabs(files[page]) if ":tab?" in route else [""])]


def texts_groups() -> list[str]:
    """The first words of the keys of all texts."""
    return re.findall(r"^  (\w+): \{$", (SOURCE / "i18n/texts.ts").read_text(), re.MULTILINE)


def _tabs(page: str) -> list[str]:
    file = next(f for f in (SOURCE / f"pages/{page}.tsx", SOURCE / f"pages/{page}/index.tsx") if f.exists())
    found = _TABS.search(file.read_text())
    assert found is not None, f"{file.name} has tabs, and none are read here"
    return [listed or key for listed, key in _TAB.findall(found[1])]


def _filled(route: str, tab: str) -> str:
    path = route.replace(":tab?", tab).replace("*", "/nowhere")
    filled = re.sub(r":(\w+)", lambda word: _VALUES[word[1]], path)
    assert Path(filled).is_absolute(), route
    return filled
