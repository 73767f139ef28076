"""Describes the interface to machines as OpenAPI 3.1, from its endpoints and the types of what they
give back.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from inspect import getdoc
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    Literal,
    TypedDict,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

from bot.web.interface.door import ROOM, ApiEndpoint

VERSION = "1.0.0"
"""Of the interface: the first number is that of the addresses, the second grows with what is
added.
"""

TOLD = """\
Where a campaign of daily reporting stands, for other systems to read; nothing can be changed here.

Amounts are strings in plain decimal notation and exact; rates are exact fractions; days are `YYYY-MM-DD` in the campaign's
time zone; moments carry their zone. `known_at` answers as of a moment: what was known then, whatever was corrected since.
Every answer has an ETag; send it back as `If-None-Match`, and an unchanged answer is 304 without a body."""  # noqa: E501


@dataclass(frozen=True, kw_only=True)
class Also:
    """What a schema says of a text besides its type."""

    format: str = ""
    pattern: str = ""

    @property
    def schema(self) -> dict[str, Any]:
        """The keywords that are said."""
        said = {"format": self.format, "pattern": self.pattern}
        return {word: value for word, value in said.items() if value}


@dataclass(frozen=True)
class Varies:
    """What a schema says that is not the same for every program: by this name `described` is given
    its keywords.
    """

    name: str


Varying = Mapping[str, Mapping[str, Any]]
"""The keywords of a schema, by the name under which a type says that they vary."""


@dataclass(frozen=True)
class _Schemas:
    """The schemas that were met and are referred to, by name; and what varies in them."""

    varying: Varying
    named: dict[str, Any] = field(default_factory=dict)


class Problem(TypedDict):
    """Why there is no answer (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: Annotated[str, "What is wrong, and what to do."]


def described(endpoints: Sequence[ApiEndpoint], varying: Varying) -> dict[str, Any]:
    """The whole description, ready to be written as JSON."""
    schemas = _Schemas(varying)
    _schema(Problem, schemas)
    paths = {f"{ROOM}{endpoint.path}": _path(endpoint, schemas) for endpoint in endpoints}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Diaodu", "version": VERSION, "description": TOLD},
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "paths": {**paths, f"{ROOM}/openapi.json": _own_path()},
        "components": {
            "schemas": dict(sorted(schemas.named.items())),
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "Given out by the bureau, for one campaign or for all.",
                }
            },
            "responses": {
                name: {
                    "description": told,
                    "headers": headers,
                    "content": {
                        "application/problem+json": {
                            "schema": {"$ref": "#/components/schemas/Problem"}
                        }
                    },
                }
                for name, (told, headers) in _PROBLEMS.items()
            },
        },
    }


_RETRY = {
    "Retry-After": {
        "required": True,
        "description": "Seconds to wait.",
        "schema": {"type": "integer"},
    }
}
_PROBLEMS: dict[str, tuple[str, dict[str, Any]]] = {
    "400": (
        "A parameter that is not known here, or a value that cannot be; the detail says what may stand there.",
        {},
    ),
    "401": (
        "No token, or one that is not known or has been ended.",
        {"WWW-Authenticate": {"required": True, "schema": {"type": "string"}}},
    ),
    "404": ("No campaign of this key is open to this token; whether there is one is not said.", {}),
    "422": (
        "A day, moment or township that can be written and that the campaign does not have.",
        {},
    ),
    "429": ("Too many requests with this token.", _RETRY),
    "500": ("A fault of the program.", {}),
    "503": ("The ledger does not answer.", _RETRY),
}
_TAG = {
    "ETag": {
        "required": True,
        "description": "Of the answer's content.",
        "schema": {"type": "string"},
    }
}
_IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "description": "The ETag of the answer one has.",
    "schema": {"type": "string"},
}


def _path(endpoint: ApiEndpoint, schemas: _Schemas) -> dict[str, Any]:
    told = get_type_hints(endpoint.answer, include_extras=True)["return"]
    asked = {one.name for one in endpoint.parameters}
    answers = [
        "400",
        "401",
        *(["404"] if "{key}" in endpoint.path else []),
        *(["422"] if "known_at" in asked else []),
        "429",
        "500",
        "503",
    ]
    parameters = [
        *(
            {
                "name": name,
                "in": "path",
                "required": True,
                "description": "The key of the campaign.",
                "schema": {"type": "string", "minLength": 1},
            }
            for name in re.findall(r"\{(\w+)\}", endpoint.path)
        ),
        *(
            {"name": one.name, "in": "query", "description": one.told, "schema": dict(one.schema)}
            for one in endpoint.parameters
        ),
        _IF_NONE_MATCH,
    ]
    return _both(
        endpoint.path,
        getdoc(endpoint.answer) or "",
        parameters,
        _schema(told, schemas),
        {status: {"$ref": f"#/components/responses/{status}"} for status in answers},
    )


def _own_path() -> dict[str, Any]:
    paths = _both("/openapi.json", "This description.", [_IF_NONE_MATCH], {"type": "object"}, {})
    for operation in paths.values():
        operation["security"] = []
    return paths


def _both(
    path: str,
    told: str,
    parameters: Sequence[Mapping[str, Any]],
    schema: Mapping[str, Any],
    problems: Mapping[str, Any],
) -> dict[str, Any]:
    """GET and HEAD of one address."""
    name = re.sub(r"\W+", "_", path.replace("{key}", "one").removeprefix("/v1")).strip("_")
    unchanged = {"description": "Unchanged since the ETag sent.", "headers": _TAG}
    answer = {"description": "The answer.", "headers": _TAG}
    return {
        "get": {
            "operationId": name,
            "summary": told,
            "parameters": list(parameters),
            "responses": {
                "200": {**answer, "content": {"application/json": {"schema": schema}}},
                "304": unchanged,
                **problems,
            },
        },
        "head": {
            "operationId": f"{name}_head",
            "summary": f"{told} Its headers alone.",
            "parameters": list(parameters),
            "responses": {"200": answer, "304": unchanged, **problems},
        },
    }


def _schema(kind: Any, schemas: _Schemas) -> dict[str, Any]:
    """The JSON schema of a type; typed dictionaries go into `named` and are referred to."""
    if get_origin(kind) is Annotated:
        inner, *more = get_args(kind)
        schema = _schema(inner, schemas)
        for one in more:
            schema |= _keywords(one, schemas.varying)
        return schema
    if get_origin(kind) in (Union, UnionType):
        (inner,) = (one for one in get_args(kind) if one is not NoneType)
        return _or_null(_schema(inner, schemas))
    if get_origin(kind) is list:
        return {"type": "array", "items": _schema(get_args(kind)[0], schemas)}
    if get_origin(kind) is dict:
        return {"type": "object", "additionalProperties": _schema(get_args(kind)[1], schemas)}
    if get_origin(kind) is Literal:
        return {"type": "string", "enum": list(get_args(kind))}
    if is_typeddict(kind):
        return _named(kind, schemas)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return {"type": "string", "enum": [one.value for one in kind]}
    return {"type": {str: "string", int: "integer", bool: "boolean"}[kind]}


def _keywords(said: str | Also | Varies, varying: Varying) -> Mapping[str, Any]:
    """What a type says of itself besides what it is."""
    if isinstance(said, str):
        return {"description": said}
    return said.schema if isinstance(said, Also) else varying[said.name]


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    with_null = {**schema, "type": [schema["type"], "null"]}
    if "enum" in schema:
        with_null["enum"] = [*schema["enum"], None]
    return with_null


def _named(kind: type, schemas: _Schemas) -> dict[str, Any]:
    name = kind.__name__.removesuffix("Told")
    if name not in schemas.named:
        schemas.named[name] = {}  # so that a type that holds itself ends here
        fields = {
            field: _schema(of, schemas)
            for field, of in get_type_hints(kind, include_extras=True).items()
        }
        schemas.named[name] = {
            "type": "object",
            "description": getdoc(kind),
            "properties": fields,
            "required": list(fields),
            "additionalProperties": False,
        }
    return {"$ref": f"#/components/schemas/{name}"}
