"""Validates crates with roc-validator; runs in an environment of its own.

Usage: ``python offline_validator.py CACHE CRATE...``. The answer is JSON: for each
crate, what requirements of RO-Crate 1.1 it does not meet. No network is used: the
validator works offline, on a cache that holds the one document it needs, the context of
RO-Crate 1.1 that comes with ro-crate-py up to 0.15.
"""

from __future__ import annotations

import io
import json
import sys
from importlib import resources

import requests
from requests_cache import CachedSession
from rocrate_validator import models, services
from urllib3 import HTTPResponse

CONTEXT = "https://w3id.org/ro/crate/1.1/context"


def fill(cache):
    body = (resources.files("rocrate") / "data" / "ro-crate.jsonld").read_bytes()
    assert json.loads(body)["@id"] == CONTEXT
    headers = {"Content-Type": "application/ld+json"}
    response = requests.Response()
    response.status_code = 200
    response.url = CONTEXT
    response.headers.update(headers)
    response.request = requests.Request("GET", CONTEXT).prepare()
    response.raw = HTTPResponse(
        body=io.BytesIO(body), headers=headers, status=200, preload_content=False
    )
    CachedSession(cache_name=cache, backend="sqlite").cache.save_response(response)


def issues(crate, cache):
    settings = services.ValidationSettings(
        rocrate_uri=crate,
        profile_identifier="ro-crate-1.1",
        requirement_severity=models.Severity.REQUIRED,
        cache_path=cache,
        offline=True,
    )
    return [issue.message for issue in services.validate(settings).get_issues()]


if __name__ == "__main__":
    cache, *crates = sys.argv[1:]
    fill(cache)
    json.dump({crate: issues(crate, cache) for crate in crates}, sys.stdout)
