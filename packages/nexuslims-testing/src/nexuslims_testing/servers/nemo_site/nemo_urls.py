"""NEMO's own addresses, and one more for putting data into its database."""

from __future__ import annotations

import nemo_seed  # type: ignore[import-not-found, unused-ignore]
from django.urls import (  # type: ignore[import-not-found, unused-ignore]
    include,
    path,
)

urlpatterns = [path("seed/", nemo_seed.seed), path("", include("NEMO.urls"))]
