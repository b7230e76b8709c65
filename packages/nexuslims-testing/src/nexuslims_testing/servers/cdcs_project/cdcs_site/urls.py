"""Addresses of the project: those of `core_main_app`."""

from django.urls import include, path  # type: ignore[import-not-found]

urlpatterns = [path("", include("core_main_app.urls"))]
