from __future__ import annotations

import subprocess
import sys

import pytest
from nexuslims_core.settings import Environment, plugin_instances, redacted, secrets
from nexuslims_notifier_apprise import plugin
from nexuslims_notifier_apprise.settings import AppriseSettings

HEAVY = ("apprise", "requests", "httpx", "certifi")


@pytest.fixture
def instance():
    def make(**variables):
        environment = Environment.read(None, variables)
        [instance] = plugin_instances(AppriseSettings, environment)
        return instance

    return make


@pytest.fixture
def urls(instance):
    def make(text):
        settings = instance(NX_APPRISE_URLS=text).settings
        return [one.get_secret_value() for one in settings.urls]

    return make


def test_it_contributes_one_notifier():
    (contribution,) = plugin.nexuslims_notifiers()
    assert contribution.name == "apprise"
    assert contribution.settings is AppriseSettings


def test_importing_the_plugin_and_its_settings_loads_nothing_heavy():
    code = (
        "import sys, nexuslims_notifier_apprise.plugin as plugin;"
        "list(plugin.nexuslims_notifiers());"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_without_addresses_it_is_not_used():
    assert plugin_instances(AppriseSettings, Environment.read(None, {})) == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("slack://a/b/c", ["slack://a/b/c"]),
        ("slack://a/b/c, tgram://d/e", ["slack://a/b/c", "tgram://d/e"]),
        ("slack://a/b/c tgram://d/e", ["slack://a/b/c", "tgram://d/e"]),
        ('["slack://a/b/c", "tgram://d/e"]', ["slack://a/b/c", "tgram://d/e"]),
        (
            "mailto://u:p@x.org?to=a@x.org,b@x.org,json://h/p",
            ["mailto://u:p@x.org?to=a@x.org,b@x.org", "json://h/p"],
        ),
    ],
)
def test_addresses_are_separated_by_commas_though_they_may_hold_some(
    urls, text, expected
):
    assert urls(text) == expected


@pytest.mark.parametrize("text", ["t0ken-alone", "slack://", ",", "slack:/t0ken"])
def test_what_is_no_address_is_a_problem_that_does_not_show_it(instance, text):
    [problem] = instance(NX_APPRISE_URLS=text).problems
    assert "expected addresses such as" in str(problem)
    assert "t0ken" not in str(problem)


def test_addresses_are_secrets(instance):
    found = instance(NX_APPRISE_URLS="slack://t0ken/b/c", NX_APPRISE_URLS_X="")
    assert "t0ken" not in str(redacted(None, [found]))
    assert "t0ken" not in repr(found)
    assert "slack://t0ken/b/c" in secrets(None, [found])
