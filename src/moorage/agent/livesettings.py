"""What its Pod says of settings that a running engine is told. The operator writes it there."""

import json

import structlog

from moorage.agent.settings import Settings
from moorage.core import names
from moorage.engines.member import Member
from moorage.kube.reflector import Store

log = structlog.get_logger()


class LiveSettings:
    """`pod`: what the watch of the member's own Pod holds. Before that has seen it counts what the Pod said when the container
    started, so that an engine has its settings also while the API server is away."""

    def __init__(self, settings: Settings, pod: Store, member: Member) -> None:
        self._settings, self._pod, self._member = settings, pod, member
        self._text = ""

    def look(self) -> None:
        """Tells the member when they are others now. What nobody can read changes nothing: the operator writes it anew."""
        item = self._pod.get(self._settings.namespace, self._settings.pod_name)
        text = self._settings.live_settings
        if item is not None:
            text = (item["metadata"].get("annotations") or {}).get(names.ANNOTATION_SETTINGS, "")
        if text == self._text:
            return
        self._text = text
        try:
            self._member.use_settings({str(name): str(value) for name, value in json.loads(text or "{}").items()})
        except (ValueError, AttributeError):
            log.warning("no_settings", text=text[:200])
