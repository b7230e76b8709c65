"""The OpenAPI document of eLabFTW, as the judge of what goes in and out of the fake.

The document allows unknown fields everywhere, so that a misspelt one would pass; here
bodies of requests may hold what it names and nothing else. What it calls free form, the
metadata, stays so.
"""

from __future__ import annotations

import copy
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MetadataForm = Literal["object", "text"]
"""How metadata travel in answers and changes: as the document says, or as releases do.

Releases up to 5.6 answer with JSON *text* and take nothing else in a PATCH, whatever
their document says (elabftw#5721).
"""

BASE_PATH = "/api/v2"
_METHODS = {"get", "post", "patch", "delete"}


class Document:
    """One OpenAPI document, ready to judge; it holds no state."""

    def __init__(self, content: Mapping[str, Any], metadata: MetadataForm) -> None:
        from openapi_core import OpenAPI

        self._paths = content["paths"]
        self._api = OpenAPI.from_dict(_strict(content, metadata))

    def request_problem(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str],
        headers: Mapping[str, str],
        body: bytes,
        content_type: str,
    ) -> str | None:
        """Return what is wrong with a request, or `None`."""
        from openapi_core.exceptions import OpenAPIError

        request = _request(method, path, query, headers, body, content_type)
        try:
            self._api.validate_request(request)
        except OpenAPIError as error:
            return _sentence(error)
        unknown = set(query) - self._parameters(method, path)
        return f"unknown parameters: {sorted(unknown)}" if unknown else None

    def answer_problem(
        self,
        method: str,
        path: str,
        *,
        status: int,
        headers: Mapping[str, str],
        body: bytes,
        content_type: str,
    ) -> str | None:
        """Return what is wrong with the answer to a request, or `None`."""
        from openapi_core.exceptions import OpenAPIError
        from openapi_core.testing import MockResponse

        request = _request(method, path, {}, {}, b"", "application/json")
        response = MockResponse(body, status, dict(headers), content_type)
        try:
            self._api.validate_response(request, response)
        except OpenAPIError as error:
            return _sentence(error)
        return None

    def _parameters(self, method: str, path: str) -> set[str]:
        template = self._template(path)
        item = self._paths[template]
        listed = [*item.get("parameters", []), *item[method].get("parameters", [])]
        return {each["name"] for each in listed if each["in"] == "query"}

    def _template(self, path: str) -> str:
        parts = path.removeprefix(BASE_PATH).strip("/").split("/")
        for template in self._paths:
            wanted = template.strip("/").split("/")
            if len(wanted) == len(parts) and all(
                want.startswith("{") or want == part
                for want, part in zip(wanted, parts, strict=True)
            ):
                return str(template)
        raise KeyError(path)  # validated before


@lru_cache(maxsize=4)
def load_document(path: Path, metadata: MetadataForm = "object") -> Document:
    """Return the document in a file; reading it takes some seconds, once."""
    import yaml  # type: ignore[import-untyped] # comes with openapi-core

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    with path.open(encoding="utf-8") as file:
        return Document(yaml.load(file, Loader=loader), metadata)  # noqa: S506 - both loaders are safe


def _strict(content: Mapping[str, Any], metadata: MetadataForm) -> dict[str, Any]:
    document: dict[str, Any] = copy.deepcopy(dict(content))
    document["servers"] = [{"url": BASE_PATH}]
    schemas = document["components"]["schemas"]
    text = {"type": "string", "nullable": True}
    for item in document["paths"].values():
        for method in _METHODS & item.keys():
            changed = text if method == "patch" and metadata == "text" else None
            for media in (
                item[method].get("requestBody", {}).get("content", {}).values()
            ):
                media["schema"] = _closed(media["schema"], schemas, changed)
    if metadata == "text":
        schemas["metadata"] = text
    # The document calls tags a list where they are sent and a text where they are
    # told, and derives the second from the first: no value could be both.
    sent = schemas["entity_editable"]
    told = {name: each for name, each in sent["properties"].items() if name != "tags"}
    schemas["entity"]["allOf"][0] = {**sent, "properties": told}
    # Whatever is one of the two kinds of accounts is of the other kind as well.
    users = document["paths"]["/users"]["get"]["responses"]["200"]["content"]
    items = users["application/json"]["schema"]["items"]
    items["anyOf"] = items.pop("oneOf")
    return document


def _closed(
    schema: dict[str, Any], schemas: Mapping[str, Any], metadata: dict[str, Any] | None
) -> dict[str, Any]:
    """Return a request's schema without references, closed to unknown fields."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if name == "metadata":
            return metadata or copy.deepcopy(schemas[name])
        return _closed(schemas[name], schemas, metadata)
    closed = dict(schema)
    for key in ("anyOf", "oneOf"):
        # `anyOf` with nothing but `required` adds to the schema around it.
        if key in schema and "properties" not in schema:
            closed[key] = [_closed(each, schemas, metadata) for each in schema[key]]
    if "properties" in schema:
        closed["additionalProperties"] = False
        closed["properties"] = {
            name: _closed(each, schemas, metadata)
            for name, each in schema["properties"].items()
        }
    return closed


def _request(  # noqa: PLR0917 - the parts of a request
    method: str,
    path: str,
    query: Mapping[str, str],
    headers: Mapping[str, str],
    body: bytes,
    content_type: str,
) -> Any:  # noqa: ANN401 - a protocol of openapi-core
    from openapi_core.testing import MockRequest

    return MockRequest(
        "http://localhost/",
        method,
        path,
        args=dict(query),
        headers=dict(headers),
        data=body,
        content_type=content_type,
    )


def _sentence(error: BaseException) -> str:
    causes = getattr(error.__cause__, "schema_errors", None) or ()
    details = [f"{list(each.path)}: {each.message}" for each in causes]
    return "; ".join([f"{type(error).__name__}: {error}", *details])
