"""From dashboards to what Grafana reads. It knows no data source, namespace or service by name: all are chosen. Pure."""

from collections.abc import Iterator, Sequence
from typing import Any

from moorage.core.panels import About, Dashboard, Draw, Mark, Panel, Query, Unit

SOURCE = {"type": "prometheus", "uid": "${datasource}"}
SCHEMA_VERSION = 39
"""Of Grafana 10.4; newer ones bring it up to their own."""
COLUMNS = 24
HEIGHTS = {Draw.NUMBER: 4, Draw.LINES: 8, Draw.STATES: 8, Draw.TABLE: 10}
TAG = "moorage"
_SHAPES: dict[About, tuple[str, ...]] = {About.PLATFORM: (), About.FLEET: ("namespace",), About.SERVICE: ("namespace", "service")}

Json = dict[str, Any]


def rendered(dashboard: Dashboard) -> Json:
    """In English: Grafana has no texts in two languages."""
    return {
        "uid": dashboard.uid,
        "title": f"Moorage / {dashboard.title.en}",
        "tags": [TAG],
        "schemaVersion": SCHEMA_VERSION,
        "editable": True,
        "graphTooltip": 1,
        "timezone": "browser",
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {"list": list(_variables(dashboard))},
        "annotations": {"list": [_annotation(mark) for mark in dashboard.marks]},
        "links": [{"type": "dashboards", "tags": [TAG], "title": "Moorage", "asDropdown": True, "keepTime": True}],
        "panels": list(_panels(dashboard)),
    }


def _variables(dashboard: Dashboard) -> Iterator[Json]:
    yield {"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus", "current": {}}
    of_engine = f'engine="{dashboard.engine}"' if dashboard.engine else ""
    for name in _SHAPES[dashboard.about]:
        matchers = ", ".join(filter(None, (of_engine, 'namespace="$namespace"' if name == "service" else "")))
        several = {"multi": True, "includeAll": True, "allValue": ".*"} if dashboard.about is About.FLEET else {}
        query = f"label_values(moorage_service_info{{{matchers}}}, {name})"
        yield {
            "name": name,
            "label": name.capitalize(),
            "type": "query",
            "datasource": SOURCE,
            "query": {"query": query, "refId": name},
            "refresh": 2,
            "sort": 1,
            **several,
        }


def _annotation(mark: Mark) -> Json:
    return {
        "name": mark.title.en,
        "datasource": SOURCE,
        "enable": True,
        "expr": mark.expr,
        "titleFormat": mark.title.en,
        "iconColor": mark.colour,
        **({"useValueForTime": "on"} if mark.is_moment else {}),
    }


def _panels(dashboard: Dashboard) -> Iterator[Json]:
    """Rows from the top, panels from the left; a row of panels is as high as its highest."""
    number, y = 1, 0
    for row in dashboard.rows:
        yield {
            "id": number,
            "type": "row",
            "title": row.title.en,
            "collapsed": False,
            "panels": [],
            "gridPos": _place(0, y, 24, 1),
        }
        number, y = number + 1, y + 1
        for shelf in _shelves(row.panels):
            x, height = 0, max(HEIGHTS[panel.draw] for panel in shelf)
            for panel in shelf:
                yield {"id": number, **_panel(panel), "gridPos": _place(x, y, panel.width, height)}
                number, x = number + 1, x + panel.width
            y += height


def _shelves(panels: Sequence[Panel]) -> Iterator[list[Panel]]:
    """As many beside each other as there is room for."""
    shelf: list[Panel] = []
    for panel in panels:
        if shelf and sum(p.width for p in shelf) + panel.width > COLUMNS:
            yield shelf
            shelf = []
        shelf.append(panel)
    yield shelf


def _place(x: int, y: int, width: int, height: int) -> Json:
    return {"x": x, "y": y, "w": width, "h": height}


def _panel(panel: Panel) -> Json:
    return {
        "type": str(panel.draw),
        "title": panel.title.en,
        **({"description": panel.says.en} if panel.says else {}),
        "datasource": SOURCE,
        "targets": [_target(panel, query, index) for index, query in enumerate(panel.queries)],
        "fieldConfig": {"defaults": _defaults(panel), "overrides": list(_overrides(panel))},
        "options": _options(panel),
        **({"transformations": list(_transformations(panel))} if panel.draw is Draw.TABLE else {}),
    }


def _letter(index: int) -> str:
    return chr(ord("A") + index)


def _target(panel: Panel, query: Query, index: int) -> Json:
    is_now = panel.draw in {Draw.TABLE, Draw.NUMBER}
    return {
        "refId": _letter(index),
        "datasource": SOURCE,
        "expr": query.expr,
        "legendFormat": query.legend.en,
        "instant": is_now,
        "range": not is_now,
        **({"format": "table"} if panel.draw is Draw.TABLE else {}),
    }


def _defaults(panel: Panel) -> Json:
    steps = [{"value": None if index == 0 else step.value, "color": step.colour} for index, step in enumerate(panel.steps)]
    custom: Json = {}
    if panel.draw is Draw.LINES:
        custom = {"fillOpacity": 30 if panel.is_stacked else 0, "showPoints": "never"}
        custom["stacking"] = {"mode": "normal" if panel.is_stacked else "none"}
        custom["thresholdsStyle"] = {"mode": "dashed" if panel.steps else "off"}
    return {
        "unit": str(panel.unit),
        **({"min": 0, "max": 1} if panel.unit is Unit.SHARE and panel.draw is Draw.LINES else {}),
        **({"thresholds": {"mode": "absolute", "steps": steps}} if steps else {}),
        "mappings": _mappings(panel) if panel.draw is not Draw.TABLE else [],
        "custom": custom,
    }


def _mappings(panel: Panel) -> list[Json]:
    options = {
        str(value): {"text": words.en, "color": colour, "index": index}
        for index, (value, words, colour) in enumerate(panel.names)
    }
    return [{"type": "value", "options": options}] if options else []


def _options(panel: Panel) -> Json:
    match panel.draw:
        case Draw.LINES:
            return {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi", "sort": "desc"}}
        case Draw.NUMBER:
            return {"reduceOptions": {"calcs": ["lastNotNull"]}, "colorMode": "value", "graphMode": "none"}
        case Draw.STATES:
            return {"mergeValues": True, "showValue": "never", "legend": {"displayMode": "list", "placement": "bottom"}}
        case Draw.TABLE:
            return {"sortBy": [{"displayName": panel.queries[0].legend.en, "desc": True}], "cellHeight": "sm"}


def _overrides(panel: Panel) -> Iterator[Json]:
    """Of a table: each column's unit; the first one has the names."""
    if panel.draw is not Draw.TABLE:
        return
    for index, query in enumerate(panel.queries):
        properties: list[Json] = [{"id": "unit", "value": str(query.unit or panel.unit)}]
        if index == 0 and panel.names:
            properties += [
                {"id": "mappings", "value": _mappings(panel)},
                {"id": "custom.cellOptions", "value": {"type": "color-text"}},
            ]
        yield {"matcher": {"id": "byName", "options": query.legend.en}, "properties": properties}


def _transformations(panel: Panel) -> Iterator[Json]:
    """One row for all queries, without what nobody reads."""
    yield {"id": "merge", "options": {}}
    yield {
        "id": "organize",
        "options": {
            "excludeByName": {"Time": True},
            "renameByName": {f"Value #{_letter(index)}": query.legend.en for index, query in enumerate(panel.queries)},
        },
    }
