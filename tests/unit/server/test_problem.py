"""How the API server's refusals reach people."""

from moorage.kube.client import KubeError
from moorage.server.problem import Code, of_kube


def test_what_ends_by_itself_is_no_missing_right() -> None:
    message = 'dataservices.moorage.dev "orders" is forbidden: status unknown for quota: moorage, resources: count/dataservices'
    problem = of_kube(KubeError(message, 403))
    assert (problem.status, problem.code) == (503, Code.NOT_READY)
    assert "try again" in problem.detail
    assert problem.headers["Retry-After"] == "2"


def test_a_space_that_is_being_deleted_is_not_soon_ready() -> None:
    message = 'resourcequotas "moorage" is forbidden: unable to create new content in namespace x because it is being terminated'
    problem = of_kube(KubeError(message, 403))
    assert (problem.status, problem.code) == (409, Code.CONFLICT)
    assert "is being deleted" in problem.detail


def test_a_missing_right_is_told_in_kubernetes_own_words() -> None:
    problem = of_kube(KubeError('User "moorage:li" cannot create resource "dataservices"', 403))
    assert (problem.status, problem.code) == (403, Code.FORBIDDEN)
    assert "moorage:li" in problem.detail


def test_an_api_server_that_does_not_answer_is_not_the_persons_fault() -> None:
    assert [of_kube(KubeError("gone", code)).status for code in (0, 401, 429, 500, 504)] == [503] * 5


def test_each_cause_names_its_field() -> None:
    causes = [{"field": "spec.storage.size", "message": "Invalid value: 5: must be at least 1Gi"}]
    problem = of_kube(KubeError("refused", 422, {"reason": "Invalid", "details": {"causes": causes}}))
    assert (problem.status, problem.code) == (422, Code.REFUSED)
    assert problem.causes[0].field == "spec.storage.size"


def test_the_rule_for_names_is_of_the_name_though_the_server_names_no_field() -> None:
    message = "Invalid value: \"object\": metadata.name 'Orders' is not usable: allowed are letters"
    causes = [{"field": "<nil>", "message": message}]
    (cause,) = of_kube(KubeError("refused", 422, {"reason": "Invalid", "details": {"causes": causes}})).causes
    assert (cause.field, cause.message) == ("metadata.name", "metadata.name 'Orders' is not usable: allowed are letters")
