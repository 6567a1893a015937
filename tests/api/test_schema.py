"""Other people's programs read the description of the API and put it to the test."""

from __future__ import annotations

import msgspec
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from disclosure.api.description import description
from tests.public.community import SLUG
from tests.public.conftest import Site

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
THERE = {"slug": SLUG, "ref": "A-2025-000001", "span": "2025-09", "number": "决议2号"}
"""Names that are there, so that not all answers are 404."""
BOUNDED = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


schema = schemathesis.openapi.from_dict(msgspec.json.decode(description()))


def test_the_description_is_valid_openapi() -> None:
    OpenAPIV31SpecValidator(msgspec.json.decode(description())).validate()


def test_the_last_day_of_the_questionnaire_is_described_beside_that_of_the_step() -> None:
    found = msgspec.json.decode(description())["components"]["schemas"]["EvaluationRound"]
    assert {"due_on", "survey_closes_on"} <= set(found["properties"])
    assert "问卷哪天截止" in str(found["properties"]["survey_closes_on"])


@pytest.mark.db("sqlite")
@schema.parametrize()
@BOUNDED
def test_whatever_is_asked_no_answer_breaks_the_description(case: schemathesis.Case, site: Site) -> None:
    _ask(site, case)


@pytest.mark.db("sqlite")
@schema.parametrize()
@BOUNDED
def test_neither_does_a_question_about_something_that_is_there(case: schemathesis.Case, site: Site) -> None:
    named = set(case.path_parameters or ())
    for name in named & set(THERE):
        case.path_parameters[name] = THERE[name]
    status = _ask(site, case)
    assert status != 404 or not named <= set(THERE) or "version" in (case.query or {})


def _ask(site: Site, case: schemathesis.Case) -> int:
    """Ask our own client: it has the application started, as schemathesis' has not."""
    asked = case.as_transport_kwargs(base_url=str(site.client.base_url))
    answer = site.client.request(
        asked["method"], asked["url"], params=asked.get("params"), headers=asked["headers"]
    )
    case.validate_response(answer, checks=CHECKS)
    return answer.status_code
