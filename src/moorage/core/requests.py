"""What a person asks of one member, as an annotation of the service: MEMBER@TIME. The time tells one request from the next."""

from moorage.api.dataservice import DataService


def asked(service: DataService, annotation: str) -> tuple[str, str]:
    """Which member, and when; both empty when nobody asks, the time alone when a person wrote none."""
    who, _, when = service.metadata.annotations.get(annotation, "").partition("@")
    return who, when
