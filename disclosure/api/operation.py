"""Declaring an operation once: its route, also for HEAD, and what OpenAPI says of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from litestar import get, route
from litestar.enums import HttpMethod
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Operation, Parameter, Schema
from litestar.openapi.spec.enums import OpenAPIType

from disclosure.api.answers import MOST, PAGE_SIZE
from disclosure.api.models import Problem
from disclosure.public.errors import PROBLEM

_PATH_TEXTS = {
    "slug": "小区在网址里的名字，见小区列表",
    "ref": "凭证号，形如 A-2025-000123",
    "span": "期间：2025-03（月）、2025-Q1（季度）或 2025（年）",
    "name": "预算的年度和资金，形如 2026-F1",
    "number": "表决或决定的编号",
    "code": "项目编号",
    "no": "质询或报修的编号",
    "round_no": "评价的轮次",
}
_ERRORS = {
    400: ResponseSpec(Problem, generate_examples=False, description="参数不对", media_type=PROBLEM),
    404: ResponseSpec(Problem, generate_examples=False, description="没有这一项", media_type=PROBLEM),
}


def query_parameter(
    name: str,
    description: str,
    *,
    pattern: str | None = None,
    values: Sequence[str] = (),
    example: Any = None,
) -> Parameter:
    """A parameter of the query, never required."""
    return Parameter(
        name=name,
        param_in="query",
        required=False,
        description=description,
        schema=Schema(type=OpenAPIType.STRING, pattern=pattern, enum=list(values) or None),
        example=example,
    )


LIMIT = Parameter(
    name="limit",
    param_in="query",
    required=False,
    description=f"一页几条，1 到 {MOST}，默认 {PAGE_SIZE}",
    schema=Schema(type=OpenAPIType.INTEGER, minimum=1, maximum=MOST, default=PAGE_SIZE),
)
VERSION = Parameter(
    name="version",
    param_in="query",
    required=False,
    description="要第几版；不写为最新一版（预算为生效中的一版）",
    schema=Schema(type=OpenAPIType.INTEGER, minimum=1, maximum=99_999_999),
)


def operation(
    path: str, *, summary: str, tag: str, description: str = "", parameters: Sequence[Parameter] = ()
) -> Callable[[Callable[..., Any]], list[HTTPRouteHandler]]:
    """Make a function answer GET and HEAD at ``path`` below the API."""

    @dataclass
    class Documented(Operation):
        def __post_init__(self) -> None:
            for parameter in self.parameters or ():
                if isinstance(parameter, Parameter):
                    parameter.description = _PATH_TEXTS.get(parameter.name, "")
            self.parameters = [*(self.parameters or ()), *parameters] or None

    def declare(function: Callable[..., Any]) -> list[HTTPRouteHandler]:
        documented = get(
            path,
            sync_to_thread=True,
            summary=summary,
            description=description or None,
            tags=[tag],
            operation_id=function.__name__,
            operation_class=Documented,
            responses=_ERRORS,
            response_description="成功",
        )(function)
        head = route(path, http_method=[HttpMethod.HEAD], sync_to_thread=True, include_in_schema=False)
        return [documented, head(function)]

    return declare
