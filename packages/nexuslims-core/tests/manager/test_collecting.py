from __future__ import annotations

import inspect
import os

import pytest
from nexuslims_core import hookspecs
from nexuslims_core.manager import KINDS, PluginManager


def hook(body, name="nexuslims_extractors"):
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    return f"@hookimpl\ndef {name}():\n{lines}\n"


def test_every_hook_has_a_kind():
    marked = {
        name.removeprefix("nexuslims_")
        for name, function in inspect.getmembers(hookspecs, inspect.isfunction)
        if hasattr(function, "nexuslims_spec")
    }
    assert marked == set(KINDS)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_has_an_accessor(kind):
    assert dict(getattr(PluginManager.of(), kind)) == {}


@pytest.mark.parametrize(
    "body",
    [
        "yield extractor('one')",
        "return [extractor('one')]",
        "return (extractor(name) for name in ['one'])",
        "return iter([extractor('one')])",
    ],
)
def test_contributions_may_be_yielded_or_returned(body, module):
    assert list(PluginManager.of(module(hook(body))).extractors) == ["one"]


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("raise RuntimeError('no reader')", "RuntimeError: no reader"),
        ("import sys; sys.exit(2)", "it called sys.exit(2)"),
        ("return None", "expected contributions to be yielded, found None"),
        ("return extractor('one')", "expected contributions to be yielded"),
        ("return 'one'", "expected contributions to be yielded, found 'one'"),
        ("return 7", "expected contributions to be yielded, found 7"),
    ],
)
def test_a_hook_that_fails_costs_its_own_contributions_alone(body, error, module):
    bad = module(
        hook(body)
        + hook(
            "yield PreviewGenerator(name='p', supports=read, render=read)",
            "nexuslims_preview_generators",
        ),
        "bad",
    )
    good = module(hook("yield extractor('good')"), "good")
    manager = PluginManager.of(bad, good)
    assert list(manager.extractors) == ["good"]
    assert list(manager.preview_generators) == ["p"]
    (failure,) = manager.failures
    assert (failure.plugin, failure.stage) == ("bad", "collect")
    assert error in failure.error
    assert manager.plugins()[0].status == "partial"


def test_what_a_generator_yielded_before_it_raised_is_kept(module):
    body = "yield extractor('one')\nraise OSError('disk')\nyield extractor('two')"
    manager = PluginManager.of(module(hook(body)))
    assert list(manager.extractors) == ["one"]
    assert "nexuslims_extractors: OSError: disk" in manager.failures[0].error
    assert "Traceback" in manager.failures[0].traceback


def test_a_generator_without_end_is_ended(module):
    body = "import itertools\nfor n in itertools.count():\n    yield extractor(f'x{n}')"
    assert len(PluginManager.of(module(hook(body))).extractors) == 10_000


@pytest.mark.parametrize(
    ("item", "error"),
    [
        ("'text'", "yielded 'text', expected Extractor"),
        ("None", "yielded None, expected Extractor"),
        ("Extractor", "expected Extractor"),
        ("'x' * 500", "..., expected Extractor"),
        (
            "InstrumentProfile(name='p', instrument_id='i')",
            "expected Extractor",
        ),
        ("extractor('Capital')", "name is 'Capital', expected lower-case"),
        ("extractor('')", "name is ''"),
        ("extractor('two words')", "name is 'two words'"),
        ("extractor(7)", "name is 7"),
        ("extractor('a', priority='high')", "priority is 'high', expected an integer"),
        ("extractor('a', priority=True)", "priority is True, expected an integer"),
        ("extractor('a', extract='read')", "extract is 'read', expected a function"),
        ("extractor('a', supports=None)", "supports is None, expected a function"),
        ("extractor('a', version=1)", "version is 1, expected text"),
        ("Extractor(name='a', extensions='tif', extract=read)", "extensions is 'tif'"),
        (
            "Extractor(name='a', extensions=frozenset({'.tif'}), extract=read)",
            "lower-case extensions without dot",
        ),
        (
            "Extractor(name='a', extensions=frozenset({'TIF'}), extract=read)",
            "lower-case extensions without dot",
        ),
        (
            "Extractor(name='a', extensions=frozenset(), extract=read)",
            "extensions is frozenset()",
        ),
    ],
)
def test_an_invalid_item_is_refused_and_the_others_are_kept(item, error, module):
    body = f"yield extractor('first')\nyield {item}\nyield extractor('last')"
    manager = PluginManager.of(module(hook(body)))
    assert list(manager.extractors) == ["first", "last"]
    (failure,) = manager.failures
    assert (failure.stage, failure.traceback) == ("collect", "")
    assert error in failure.error


@pytest.mark.parametrize(
    ("kind", "item", "error"),
    [
        (
            "instrument_profiles",
            "InstrumentProfile(name='p', instrument_id='')",
            "instrument_id is '', expected text",
        ),
        (
            "instrument_profiles",
            "InstrumentProfile(name='p', instrument_id='i', parsers=[read])",
            "parsers is",
        ),
        (
            "instrument_profiles",
            "InstrumentProfile(name='p', instrument_id='i', parsers={'a': 1})",
            "expected a mapping of names to functions",
        ),
        (
            "instrument_profiles",
            "InstrumentProfile(name='p', instrument_id='i', extension_fields=1)",
            "extension_fields is 1, expected a mapping",
        ),
        ("commands", "Command(name='c', load=None)", "load is None"),
        ("commands", "Command(name='c', load=read, help=None)", "help is None"),
        (
            "preview_generators",
            "PreviewGenerator(name='p', supports=1, render=read)",
            "supports is 1",
        ),
    ],
)
def test_other_kinds_are_checked_too(kind, item, error, module):
    manager = PluginManager.of(module(hook(f"yield {item}", f"nexuslims_{kind}")))
    assert dict(getattr(manager, kind)) == {}
    assert error in manager.failures[0].error


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        ("dict", "settings is <class 'dict'>, expected a subclass of PluginSettings"),
        ("None", "settings is None, expected a subclass of PluginSettings"),
        ("type('S', (PluginSettings,), {})", "settings has env_prefix None"),
        ("with_prefix('acme')", "settings has env_prefix 'acme', expected capitals"),
        ("with_prefix('NX_')", "settings has env_prefix 'NX_'"),
        ("with_prefix('NX_ACME')", "settings has env_prefix 'NX_ACME'"),
    ],
)
def test_settings_must_be_a_model_with_a_prefix_of_its_own(settings, error, module):
    body = f"""
from typing import ClassVar
from nexuslims_core.plugin_settings import PluginSettings
from nexuslims_core.types import Notifier

def with_prefix(prefix):
    class S(PluginSettings):
        env_prefix: ClassVar[str] = prefix
    return S

@hookimpl
def nexuslims_notifiers():
    yield Notifier(name="good", settings=with_prefix("NX_ACME_"), notify=print)
    yield Notifier(name="bad", settings={settings}, notify=print)
"""
    manager = PluginManager.of(module(body))
    assert list(manager.notifiers) == ["good"]
    assert error in manager.failures[0].error
    assert [model.env_prefix for model in manager.settings_models] == ["NX_ACME_"]


@pytest.mark.parametrize(
    ("source", "error"),
    [
        (
            hook("yield extractor('x')", "nexuslims_extractor"),
            "nexuslims_extractor is no hook of NexusLIMS; did you mean nexuslims_extra",
        ),
        (
            hook("return ()", "exporters"),
            "exporters is no hook of NexusLIMS; hooks: nexuslims_harvesters, ",
        ),
        (
            "def nexuslims_harvestors():\n    return ()",
            "did you mean nexuslims_harvesters?",
        ),
        (
            "def nexuslims_extractors():\n    yield extractor('x')",
            "nexuslims_extractors lacks the mark @hookimpl",
        ),
        (
            "@hookimpl(specname='nexuslims_notifier')\ndef tell():\n    return ()",
            "did you mean nexuslims_notifiers?",
        ),
    ],
)
def test_a_misspelt_hook_is_reported(source, error, module):
    manager = PluginManager.of(module(source))
    (failure,) = manager.failures
    assert failure.stage == "collect"
    assert error in failure.error


@pytest.mark.parametrize(
    "source",
    [
        "@hookimpl(specname='nexuslims_extractors')\ndef ours():\n    return ()",
        "from nexuslims_core.hookspecs import nexuslims_extractors",
        "def helper():\n    return ()",
        "nexuslims_version = '1.0'",
    ],
)
def test_what_only_resembles_a_misspelt_hook_is_not_reported(source, module):
    assert PluginManager.of(module(source)).failures == ()


def test_the_hooks_of_a_misspelling_plugin_still_count(module):
    source = hook("yield extractor('x')") + hook("return ()", "nexuslims_comands")
    manager = PluginManager.of(module(source))
    assert list(manager.extractors) == ["x"]
    assert manager.plugins()[0].status == "partial"


def test_of_two_contributions_of_one_name_only_one_is_used(install, discover, info_of):
    source = hook("yield extractor('same', version='{}')\nyield extractor('{}')")
    for name, letter in (("zeta-reader", "z"), ("alpha-reader", "a")):
        site = install(name, source.format(letter, name.partition("-")[0]))
        (info,) = site.glob("*.dist-info")
        # Installed at the same moment: then the name decides.
        os.utime(info, (1_000_000_000, 1_000_000_000))
    manager = discover()
    assert manager.extractors["same"].version == "a"
    assert {"alpha", "zeta"} <= set(manager.extractors)
    assert info_of(manager, "alpha-reader").status == "ok"
    (failure,) = info_of(manager, "zeta-reader").failures
    assert "zeta-reader" in failure.error
    assert "alpha-reader" in failure.error


def test_the_built_in_contribution_wins_over_one_of_its_name(install, discover):
    taken = next(iter(discover().extractors))
    install("aaa", hook(f"yield extractor({taken!r})"))
    manager = discover()
    assert manager.owner_of(manager.extractors[taken]).distribution == "nexuslims-core"


def test_one_plugin_may_not_use_a_name_twice(module):
    body = "yield extractor('same', version='1')\nyield extractor('same', version='2')"
    manager = PluginManager.of(module(hook(body)))
    assert manager.extractors["same"].version == "1"
    assert len(manager.failures) == 1


def test_contributions_of_different_kinds_may_share_a_name(module):
    source = hook("yield extractor('acme')") + hook(
        "yield Command(name='acme', load=read)", "nexuslims_commands"
    )
    manager = PluginManager.of(module(source))
    assert (list(manager.extractors), list(manager.commands)) == (["acme"], ["acme"])
    assert manager.failures == ()


def test_a_hook_is_called_when_its_contributions_are_asked_for_and_once(module):
    plugin = module(
        "calls = []\n"
        + hook("calls.append('commands')\nreturn ()", "nexuslims_commands")
        + hook("calls.append('extractors')\nreturn ()")
    )
    manager = PluginManager.of(plugin)
    assert plugin.calls == []
    assert dict(manager.commands) == {}
    assert dict(manager.commands) == {}
    assert plugin.calls == ["commands"]
    manager.plugins()
    assert plugin.calls == ["commands", "extractors"]
