"""The description of the API (OpenAPI), generated from the handlers and their models."""

from __future__ import annotations

from functools import cache

import msgspec
from litestar import Litestar, Router
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import Tag

from disclosure.api import (
    communities,
    decided,
    entries,
    evaluations,
    inquiries,
    models,
    models_decided,
    models_evaluations,
    models_inquiries,
    projects,
    statements,
)
from disclosure.api.answers import ROOT

VERSION = "1.0.0"
ROUTES = [
    *communities.HANDLERS,
    *entries.HANDLERS,
    *statements.HANDLERS,
    *decided.HANDLERS,
    *projects.HANDLERS,
    *inquiries.HANDLERS,
    *evaluations.HANDLERS,
]
"""Everything under ``/api/v1`` that answers with data."""
_ABOUT = """\
小区公开账目的程序接口。与网页问的是同样的问题，答的是同样的数字；网页上没有的，这里也没有。

- 不用登录，不用密钥，只能读；任何网站的网页都可以调用（CORS 开放）。
- 金额是整数，单位是分，字段名以 `_fen` 结尾；日期写作 `2025-09-03`，时刻是世界协调时。
- 字段名是英文，不会改；内容是中文，与网页一致。以后可能增加字段，程序应忽略不认识的字段。
- 地址都从本站根目录开始；长的列表用 `next` 取下一页，不要自己拼页码。
- 每个回答都有 ETag，带上 `If-None-Match` 再问，没有变化就答 304。
- 出错时答 `application/problem+json`（RFC 9457），`code` 供程序判断，`detail` 给人看。
"""
_TAGS = [
    Tag("小区", "有哪些小区，今天各项资金多少"),
    Tag("账目", "每一张凭证"),
    Tag("报告", "月报、季报和年报"),
    Tag("预算", "预算和执行"),
    Tag("业主的决定", "表决和决定"),
    Tag("专项项目", "计划与实际"),
    Tag("质询和报修", "有人问了什么，多久答复"),
    Tag("双百分评价", "物业服务和党建引领各一百分，扣的每一分"),
    Tag("公开日志", "核验用"),
]


@cache
def description() -> bytes:
    """The OpenAPI document as JSON.

    It is made from an application that has only these routes, so that nothing else can slip in.
    """
    config = OpenAPIConfig(title="明账公开接口", version=VERSION, description=_ABOUT, tags=_TAGS)
    described = Litestar([Router(ROOT, route_handlers=ROUTES)], openapi_config=config)
    document = described.openapi_schema.to_schema()
    for name, schema in document["components"]["schemas"].items():
        schema["description"] = _model_texts()[name]
    return msgspec.json.encode(document)


def _model_texts() -> dict[str, str]:
    """The docstrings of the models by name."""
    return {
        name: (model.__doc__ or "").strip()
        for module in (models, models_decided, models_inquiries, models_evaluations)
        for name, model in vars(module).items()
        if isinstance(model, type) and issubclass(model, msgspec.Struct)
    }
