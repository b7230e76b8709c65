"""WSGI entry point of the NEMO under test; imported in NEMO's own environment."""

from __future__ import annotations

from django.core.wsgi import (  # type: ignore[import-not-found, unused-ignore]
    get_wsgi_application,
)

application = get_wsgi_application()
