"""The base of what people are shown: one object, from which text, JSON, YAML and the console's pages all come. Pure."""

from typing import Any

from moorage.api.conditions import Resource

Object = dict[str, Any]


class Shown(Resource):
    """Something that stands in a namespace and has a line in a list."""

    name: str
    namespace: str

    def to_json(self) -> Object:
        """As it is printed: every field is there, also when it is empty."""
        return self.model_dump(mode="json", by_alias=True)
