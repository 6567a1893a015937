"""``column = one of many``, the values sent as one parameter.

``IN (…)`` with a parameter a value is another statement for each number of values: it is compiled, parsed and
planned again, which for a page of entries costs more than looking them up.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import BigInteger, Boolean, ColumnElement, Dialect, String, bindparam
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine


class _Integers(TypeDecorator[list[int]]):
    """An array on PostgreSQL, JSON text on SQLite."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(ARRAY(BigInteger) if dialect.name == "postgresql" else String())

    def process_bind_param(self, value: list[int] | None, dialect: Dialect) -> Any:
        return value if dialect.name == "postgresql" or value is None else json.dumps(value)


class _Among(FunctionElement[bool]):
    type = Boolean()
    inherit_cache = True


@compiles(_Among, "postgresql")
def _on_postgresql(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    column, values = element.clauses
    return f"{compiler.process(column, **options)} = ANY ({compiler.process(values, **options)})"


@compiles(_Among, "sqlite")
def _on_sqlite(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    column, values = element.clauses
    one, many = compiler.process(column, **options), compiler.process(values, **options)
    return f"{one} IN (SELECT value FROM json_each({many}))"  # noqa: S608 - both are compiled, no text of users


def among(column: ColumnElement[Any], integers: Iterable[int] | str) -> ColumnElement[bool]:
    """Whether ``column`` is one of these integers, or of the list given later under this name."""
    if isinstance(integers, str):
        return _Among(column, bindparam(integers, type_=_Integers))
    return _Among(column, bindparam(None, list(integers), type_=_Integers))
