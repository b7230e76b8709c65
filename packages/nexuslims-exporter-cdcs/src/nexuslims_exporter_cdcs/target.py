"""Where in a repository records belong: template and workspace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nexuslims_core.errors import ConfigurationError

if TYPE_CHECKING:
    from nexuslims_exporter_cdcs.answers import Identifier, Workspace
    from nexuslims_exporter_cdcs.client import CdcsClient
    from nexuslims_exporter_cdcs.settings import CdcsSettings

__all__ = ["Target", "find_target"]

USUAL_PUBLIC_WORKSPACE = "Global Public Workspace"


@dataclass(frozen=True, kw_only=True)
class Target:
    """Identifiers of what new records refer to."""

    template: Identifier
    workspace: Identifier | None


def find_target(client: CdcsClient, settings: CdcsSettings) -> Target:
    """Look up template and workspace by what they are, not by where they are listed.

    Raises
    ------
    ConfigurationError
        If one of them is missing.
    ExportError
        If the repository cannot be asked.
    """
    workspace = _workspace(client, settings)
    return Target(template=_template(client, settings), workspace=workspace)


def _template(client: CdcsClient, settings: CdcsSettings) -> Identifier:
    title = settings.template_title
    found = client.templates(title)
    enabled = [template for template in found if not template.is_disabled]
    if enabled:
        return enabled[0].current
    if found:
        msg = (
            f"{settings.url}: the template {title!r} is disabled; enable it in the "
            "administration pages, or name another in NX_CDCS_TEMPLATE_TITLE"
        )
    else:
        msg = (
            f"{settings.url}: there is no template {title!r}; upload the Nexus "
            "Experiment schema under this title in the administration pages, or name "
            "the title it has in NX_CDCS_TEMPLATE_TITLE"
        )
    raise ConfigurationError(msg)


def _workspace(client: CdcsClient, settings: CdcsSettings) -> Identifier | None:
    # Asked in any case: unlike templates, workspaces are listed for valid tokens only.
    workspaces = client.workspaces()
    if settings.workspace_title:
        return _titled(workspaces, settings)
    if settings.assign_to_public_workspace:
        return _public(workspaces, settings)
    return None


def _titled(workspaces: list[Workspace], settings: CdcsSettings) -> Identifier:
    title = settings.workspace_title
    for workspace in workspaces:
        if workspace.title == title:
            return workspace.id
    known = ", ".join(repr(workspace.title) for workspace in workspaces) or "none"
    msg = (
        f"{settings.url}: the token's user can read no workspace {title!r} (but: "
        f"{known}); correct NX_CDCS_WORKSPACE_TITLE or grant access to it"
    )
    raise ConfigurationError(msg)


def _public(workspaces: list[Workspace], settings: CdcsSettings) -> Identifier:
    public = [workspace for workspace in workspaces if workspace.is_public]
    if not public:
        msg = (
            f"{settings.url}: there is no public workspace; make one in the "
            "repository, name another in NX_CDCS_WORKSPACE_TITLE, or set "
            "NX_CDCS_ASSIGN_TO_PUBLIC_WORKSPACE=false to leave records private"
        )
        raise ConfigurationError(msg)
    usual = [each for each in public if each.title == USUAL_PUBLIC_WORKSPACE]
    return (usual or public)[0].id
