"""Addresses that people open in a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from nexuslims_exporter_labarchives.shelf import INBOX

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["page_url"]

BROWSER_HOSTS: Mapping[str, str] = {
    "api.labarchives.com": "mynotebook.labarchives.com",
    "api.labarchives-gov.com": "mynotebook.labarchives-gov.com",
    "auapi.labarchives.com": "au-mynotebook.labarchives.com",
    "caapi.labarchives.com": "ca-mynotebook.labarchives.com",
    "euapi.labarchives.com": "eu-mynotebook.labarchives.com",
    "ukapi.labarchives.com": "uk-mynotebook.labarchives.com",
}
"""Hosts of the browser interface by those of the API, for each region."""


def page_url(api: str, nbid: str, page: str) -> str:
    """Return the address of a page, or of the notebook if the page is not known.

    Parameters
    ----------
    api
        Base address of the API.
    nbid
        The notebook; empty for the Inbox.
    """
    url = httpx.URL(api)
    host = BROWSER_HOSTS.get(url.host, url.host)
    path = url.path.rstrip("/").removesuffix("/api")
    bare = url.copy_with(host=host, path=path or "/", query=None, username="")
    base = str(bare.copy_with(password="")).rstrip("/")
    return f"{base}/#/{nbid or INBOX}/{page}".rstrip("/")
