"""Django settings of the NEMO under test; imported in NEMO's own environment.

The variable ``NEXUSLIMS_NEMO`` holds a JSON object with what differs between servers.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

_site: dict[str, Any] = json.loads(os.environ["NEXUSLIMS_NEMO"])
_folder = Path(_site["database"]).parent

SECRET_KEY = _site["secret"]
DEBUG = False
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "nemo_urls"
WSGI_APPLICATION = "nemo_wsgi.application"
AUTH_USER_MODEL = "NEMO.User"
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
USE_TZ = True
TIME_ZONE = _site["time_zone"]
USE_I18N = False
LANGUAGE_CODE = "en-us"
STATIC_URL = "/static/"
MEDIA_URL = "/media/"
# NEMO joins these by "+", so they are text.
STATIC_ROOT = str(_folder / "static")
MEDIA_ROOT = str(_folder / "media")
# The REST interface is there only with:
ALLOW_CONDITIONAL_URLS = True
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"

# Straight from the models: replaying NEMO's hundred migrations takes a minute.
MIGRATION_MODULES = {"NEMO": None}
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": _site["database"],
        "OPTIONS": {"timeout": 20},
    }
}

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "NEMO",
    "rest_framework",
    "rest_framework.authtoken",
    "django_filters",
    "mptt",
    "auditlog",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_PERMISSION_CLASSES": ("NEMO.permissions.DjangoModelPermissions",),
    "DEFAULT_FILTER_BACKENDS": ("NEMO.rest_filter_backend.NEMOFilterBackend",),
    "DEFAULT_AUTHENTICATION_CLASSES": (
        "rest_framework.authentication.TokenAuthentication",
    ),
    "DEFAULT_PAGINATION_CLASS": "NEMO.rest_pagination.NEMOPageNumberPagination",
    "PAGE_SIZE": 1000,
}
if _site["datetime_format"]:
    REST_FRAMEWORK["DATETIME_FORMAT"] = _site["datetime_format"]
