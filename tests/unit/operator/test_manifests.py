"""Every object of a service as a pure function of it."""

import json
from dataclasses import replace
from typing import Any

import pytest

from moorage.core import names
from moorage.engines.registry import load
from moorage.operator.manifests import Context, build, key
from moorage.operator.manifests.statefulset import first_claim
from tests.unit.build import TLS, service

INTERNAL = {"keyfile": "k", "app-password": "secret-app", "admin-password": "secret-admin"}


def objects(**spec: Any) -> Any:
    return build(Context(service(**spec), load()["mongodb"], "moorage:dev"), INTERNAL, TLS)


def digests(**spec: Any) -> dict[str, str]:
    return {
        m["kind"] + "/" + m["metadata"]["name"]: m["metadata"]["annotations"][names.ANNOTATION_DIGEST]
        for m in objects(**spec).manifests
    }


def test_every_object_carries_the_recommended_labels() -> None:
    for manifest in objects().manifests:
        assert {names.LABEL_INSTANCE, names.LABEL_PART_OF, "app.kubernetes.io/name"} <= manifest["metadata"]["labels"].keys()


def test_the_member_runs_as_nobody_with_a_read_only_root() -> None:
    (found,) = [m for m in objects().manifests if m["kind"] == "StatefulSet"]
    pod = found["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"]
    for container in (*pod["containers"], *pod["initContainers"]):
        assert container["securityContext"]["readOnlyRootFilesystem"]
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}


def test_no_password_stands_in_a_pod_or_a_digest() -> None:
    (found,) = [m for m in objects().manifests if m["kind"] == "StatefulSet"]
    assert "secret-" not in str(found)
    another = replace(
        TLS, authority={**TLS.authority, "ca.key": "another"}, certificate={**TLS.certificate, "tls.key": "another"}
    )
    other = build(Context(service(), load()["mongodb"], "moorage:dev"), {**INTERNAL, "app-password": "another"}, another)
    assert [m["metadata"]["annotations"] for m in other.manifests] == [m["metadata"]["annotations"] for m in objects().manifests]


def test_no_password_is_in_a_digest_in_whatever_form_a_uri_has_it() -> None:
    def bindings(password: str) -> list[str]:
        found = build(
            Context(service(engine="mysql"), load()["mysql"], "moorage:dev"), {**INTERNAL, "app-password": password}, TLS
        )
        assert any(password in m["stringData"]["go-uri"] for m in found.manifests if m["metadata"]["name"] == "orders-app")
        return [m["metadata"]["annotations"][names.ANNOTATION_DIGEST] for m in found.manifests if m["kind"] == "Secret"]

    assert bindings("a person's own: ä/@") == bindings("another")


def test_a_larger_volume_changes_no_statefulset_since_its_template_is_immutable() -> None:
    assert (
        digests(storage={"size": "10Gi"})["StatefulSet/orders-g1"] == digests(storage={"size": "11Gi"})["StatefulSet/orders-g1"]
    )


@pytest.mark.parametrize(
    "spec", [{"image": "mongo:other"}, {"resources": {"cpu": "2"}}, {"parameters": {"net.maxIncomingConnections": "99"}}]
)
def test_what_members_run_changes_the_template(spec: dict[str, Any]) -> None:
    assert objects(**spec).template != objects().template


@pytest.mark.parametrize("parameters", [{}, {"setParameter.cursorTimeoutMillis": "2000"}])
def test_settings_that_a_running_engine_is_told_stand_on_new_pods_and_are_no_reason_to_replace_one(
    parameters: dict[str, str],
) -> None:
    assert objects(parameters=parameters).template == objects().template
    (found,) = [m for m in objects(parameters=parameters).manifests if m["kind"] == "StatefulSet"]
    said = found["spec"]["template"]["metadata"]["annotations"].get(names.ANNOTATION_SETTINGS, "{}")
    assert json.loads(said) == parameters
    (container,) = found["spec"]["template"]["spec"]["containers"]
    (place,) = [e["valueFrom"]["fieldRef"]["fieldPath"] for e in container["env"] if e["name"] == "MOORAGE_LIVE_SETTINGS"]
    assert place == f"metadata.annotations['{names.ANNOTATION_SETTINGS}']"


def test_the_passwords_and_the_address_are_made_once_and_never_overwritten() -> None:
    assert objects().create_only == {"Secret/orders-internal", "Secret/orders-ca", "EndpointSlice/orders"}


@pytest.mark.parametrize(
    ("entry", "changed"),
    [("tls.crt", {"Secret/orders-tls"}), ("ca.crt", {"Secret/orders-tls", "Secret/orders-app", "Secret/orders-admin"})],
)
def test_a_renewed_certificate_is_written_and_restarts_nobody(entry: str, changed: set[str]) -> None:
    renewed = replace(TLS, certificate={**TLS.certificate, entry: "renewed"}, why_renewed="a third of its life is left")
    made = build(Context(service(), load()["mongodb"], "moorage:dev"), INTERNAL, renewed)
    after = {key(m): m["metadata"]["annotations"][names.ANNOTATION_DIGEST] for m in made.manifests}
    assert {name for name, found in digests().items() if after[name] != found} == changed
    assert made.template == objects().template
    assert made.reasons == {"Secret/orders-tls": "a third of its life is left"}


def test_no_member_is_given_the_key_of_the_authority() -> None:
    (found,) = [m for m in objects().manifests if m["kind"] == "StatefulSet"]
    mounted = {v["secret"]["secretName"] for v in found["spec"]["template"]["spec"]["volumes"] if "secret" in v}
    assert mounted == {"orders-internal", "orders-tls"}
    holders = [m["metadata"]["name"] for m in objects().manifests if "secret-ca" in str(m)]
    assert holders == ["orders-ca"]


def test_the_authority_outlives_the_service_like_the_passwords_do() -> None:
    kept = [m["metadata"]["name"] for m in objects().manifests if "ownerReferences" not in m["metadata"]]
    assert kept == ["orders-internal", "orders-ca"]


def test_clients_find_the_authority_beside_the_uris() -> None:
    for name in ("orders-app", "orders-admin"):
        (found,) = [m["stringData"] for m in objects().manifests if m["metadata"]["name"] == name and m["kind"] == "Secret"]
        assert found["ca.crt"] == "authority"
        assert found["tls-direct-uri"] == f"{found['direct-uri']}&tls=true"
        assert "tls=true" not in found["uri"] + found["direct-uri"]


def test_the_certificate_is_there_before_the_members_and_after_the_address_that_it_names() -> None:
    order = [key(m) for m in objects().manifests]
    assert order.index("Service/orders") < order.index("Secret/orders-tls") < order.index("StatefulSet/orders-g1")


def test_the_agent_may_touch_its_pods_and_the_address_and_nothing_else() -> None:
    (role,) = [m for m in objects().manifests if m["kind"] == "Role"]
    assert {r for rule in role["rules"] for r in rule["resources"]} == {"pods", "endpointslices"}
    assert all(rule["resourceNames"] for rule in role["rules"])


def test_a_binding_is_written_anew_when_its_uri_changes() -> None:
    assert digests(members=3)["Secret/orders-app"] != digests(members=5)["Secret/orders-app"]


def test_a_member_is_among_the_last_to_be_evicted() -> None:
    """Kubernetes' class Guaranteed: requests and limits are equal in every container."""
    (found,) = [m for m in objects().manifests if m["kind"] == "StatefulSet"]
    pod = found["spec"]["template"]["spec"]
    for container in [*pod["initContainers"], *pod["containers"]]:
        assert container["resources"]["requests"] == container["resources"]["limits"]
        assert container["resources"]["limits"].keys() == {"cpu", "memory"}


def test_members_that_come_or_go_may_report_at_any_size() -> None:
    assert digests(members=1)["Role/orders-member"] == digests(members=7)["Role/orders-member"]


def test_members_that_the_engine_still_counts_keep_their_pods() -> None:
    found = build(Context(service(members=1), load()["mongodb"], "moorage:dev", replicas_wanted=3), INTERNAL, TLS)
    (members,) = [m for m in found.manifests if m["kind"] == "StatefulSet"]
    assert members["spec"]["replicas"] == 3


@pytest.mark.parametrize(("grown_to", "size"), [(None, "10Gi"), ("5Gi", "10Gi"), ("15Gi", "15Gi")])
def test_what_a_restore_fills_is_as_large_as_the_volumes_that_it_comes_beside(grown_to: str | None, size: str) -> None:
    bare = service(storage={"size": "10Gi"})
    of = bare.model_copy(update={"status": bare.status.model_copy(update={"volume_size": grown_to})})
    claim = first_claim(Context(of, load()["mongodb"], "moorage:dev"), "orders-back")
    assert claim["spec"]["resources"]["requests"]["storage"] == size
