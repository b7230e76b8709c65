"""Puts rows into NEMO's database through its models; runs in NEMO's own environment.

Some of what people do on NEMO's pages cannot be done over its REST interface, such as
answering the questions of a reservation. Requests carry a list of steps as JSON::

    [
        {"do": "create", "table": "tools", "rows": [{"name": "SEM"}]},
        {"do": "patch", "table": "usage_events", "id": 3, "fields": {"run_data": "{}"}},
        {"do": "delete", "table": "tools", "ids": [1]},
    ]

All steps are one transaction. The answer is a list of the identifiers per step. As a
program it takes the steps on standard input and needs no server.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import django  # type: ignore[import-not-found, unused-ignore]
from django.apps import apps  # type: ignore[import-not-found, unused-ignore]
from django.conf import settings  # type: ignore[import-not-found, unused-ignore]
from django.db import transaction  # type: ignore[import-not-found, unused-ignore]
from django.http import (  # type: ignore[import-not-found, unused-ignore]
    HttpRequest,
    JsonResponse,
)

MODELS = {
    "accounts": "NEMO.Account",
    "permissions": "auth.Permission",
    "projects": "NEMO.Project",
    "reservations": "NEMO.Reservation",
    "tokens": "authtoken.Token",
    "tools": "NEMO.Tool",
    "usage_events": "NEMO.UsageEvent",
    "users": "NEMO.User",
}
NATURAL_KEYS = {"NEMO.User": "username", "auth.Permission": "codename"}
JSON_TEXTS = {"question_data", "run_data", "pre_run_data"}


def seed(request: HttpRequest) -> JsonResponse:
    """Carry out the steps in the body of a request that knows the secret."""
    if request.headers.get("X-Seed-Secret") != settings.SECRET_KEY:
        return JsonResponse({"error": "wrong secret"}, status=403)
    try:
        done = carry_out(json.loads(request.body))
    except Exception as error:  # noqa: BLE001 - the test that asked shall see it
        return JsonResponse({"error": repr(error)}, status=400)
    return JsonResponse({"done": done})


seed.csrf_exempt = True  # type: ignore[attr-defined]


def carry_out(steps: list[dict[str, Any]]) -> list[list[Any]]:
    """Carry out all steps or none; return the identifiers that each concerned."""
    with transaction.atomic():
        return [_step(step) for step in steps]


def _step(step: dict[str, Any]) -> list[Any]:
    model = apps.get_model(MODELS[step["table"]])
    if step["do"] == "create":
        return [_save(model(), row) for row in step["rows"]]
    if step["do"] == "patch":
        return [_save(_look_up(model, step["id"]), step["fields"])]
    chosen = model.objects.filter(pk__in=step["ids"])
    chosen.delete()
    return list(step["ids"])


def _save(row: Any, fields: dict[str, Any]) -> Any:  # noqa: ANN401 - Django is untyped
    linked = {}
    for name, value in fields.items():
        field = row._meta.get_field(name)  # noqa: SLF001 - Django's way to look
        if field.many_to_many:
            linked[name] = [_look_up(field.related_model, each) for each in value]
        elif field.is_relation:
            setattr(row, name, _look_up(field.related_model, value))
        else:
            setattr(row, name, _plain(field, value))
    row.save()
    for name, rows in linked.items():
        getattr(row, name).set(rows)
    return row.pk


def _plain(field: Any, value: Any) -> Any:  # noqa: ANN401 - Django is untyped
    """Return `value` as the field holds it; answers may be given as objects."""
    if field.name in JSON_TEXTS and not isinstance(value, (str, type(None))):
        return json.dumps(value, indent="\t")
    return field.to_python(value)


def _look_up(model: Any, key: Any) -> Any:  # noqa: ANN401 - Django is untyped
    """Return the row with that primary key or, given text, that name."""
    if key is None:
        return None
    if isinstance(key, str):
        name = NATURAL_KEYS.get(model._meta.label, "name")  # noqa: SLF001 - see above
        return model.objects.get(**{name: key})
    return model.objects.get(pk=key)


if __name__ == "__main__":
    django.setup()
    json.dump(carry_out(json.load(sys.stdin)), sys.stdout)
