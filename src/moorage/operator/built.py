"""The objects of a service, built anew only when something that goes into them changed: in most passes nothing did."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace

from moorage.api.dataservice import DataServiceStatus
from moorage.api.metadata import Metadata
from moorage.core import names
from moorage.core.certificates import Tls
from moorage.kube.reflector import Key
from moorage.operator.manifests import Context, Objects, build

SERVICES_MAX = 64
"""Of those looked at last. A service that something happens to is looked at many times in a row."""

_Given = tuple[Context, dict[str, str], Tls]


class Built:
    """What was built last for each service, and from what. Whoever is given objects does not change them."""

    def __init__(self) -> None:
        self._last: OrderedDict[Key, tuple[_Given, Objects]] = OrderedDict()

    def objects(self, context: Context, internal: Mapping[str, str], tls: Tls) -> Objects:
        """As `build`."""
        at, given = (context.namespace, context.name), (_bare(context), dict(internal), tls)
        last = self._last.pop(at, None)
        found = last[1] if last is not None and last[0] == given else build(*given)
        self._last[at] = (given, found)
        if len(self._last) > SERVICES_MAX:
            self._last.popitem(last=False)
        return found


def _bare(context: Context) -> Context:
    """Without what no object is built from, so that nothing can be: status and marks change all the time."""
    meta = context.service.metadata
    generation = {names.ANNOTATION_GENERATION: str(context.generation)}
    bare = {
        "metadata": Metadata(name=meta.name, namespace=meta.namespace, uid=meta.uid, annotations=generation),
        "status": DataServiceStatus(),
    }
    return replace(context, service=context.service.model_copy(update=bare))
