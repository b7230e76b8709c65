from __future__ import annotations

import json
import pickle
import subprocess
import sys
from dataclasses import asdict, replace

import pytest
from nexuslims_core.errors import ExtractionError
from nexuslims_core.manager import PluginCallError, PluginManager, PluginRecipe

EXTRACTORS = """
@hookimpl
def nexuslims_extractors():
    for name, priority in {ranks}:
        yield extractor(name, priority=priority)
"""

PROFILE = """
@hookimpl
def nexuslims_instrument_profiles():
    yield InstrumentProfile(name="{name}", instrument_id="SEM-1")
"""


@pytest.fixture
def ranked(module):
    """Return a function that makes a plugin of extractors with given priorities."""

    def ranked(name="acme", **ranks):
        return module(EXTRACTORS.format(ranks=list(ranks.items())), name)

    return ranked


def test_extractors_are_ordered_by_descending_priority_then_name(ranked):
    manager = PluginManager.of(
        ranked("one", b=100, z=100, low=10), ranked("two", a=100, top=250)
    )
    assert list(manager.extractors) == ["top", "a", "b", "z", "low"]


def test_the_order_does_not_depend_on_which_plugin_came_first(ranked):
    one, two = ranked("one", b=100, c=50), ranked("two", a=100, d=50)
    assert list(PluginManager.of(one, two).extractors) == list(
        PluginManager.of(two, one).extractors
    )


def test_other_contributions_are_ordered_by_name(module):
    source = "@hookimpl\ndef nexuslims_commands():\n" + "".join(
        f"    yield Command(name={name!r}, load=read)\n" for name in "cab"
    )
    assert list(PluginManager.of(module(source)).commands) == ["a", "b", "c"]


def test_a_tie_between_plugins_is_noted_with_what_decides(ranked):
    manager = PluginManager.of(ranked("one", b=100), ranked("two", a=100))
    assert manager.notes() == (
        "a and b have priority 100 for .acm: a goes first, by name",
    )


def test_a_tie_within_a_plugin_is_its_author_s_business(ranked):
    assert PluginManager.of(ranked(a=100, b=100)).notes() == ()


def test_extractors_of_different_files_do_not_compete(ranked, module):
    other = """
@hookimpl
def nexuslims_extractors():
    yield Extractor(name="b", extensions=frozenset({"tif"}), extract=read)
"""
    assert PluginManager.of(ranked("one", a=100), module(other, "two")).notes() == ()


def test_the_mappings_cannot_be_changed(ranked):
    with pytest.raises(TypeError):
        PluginManager.of(ranked(a=1)).extractors["b"] = None


def test_a_contribution_is_listed_with_what_matters_of_it(ranked):
    (info,) = PluginManager.of(ranked(a=150)).plugins()
    (contribution,) = info.contributions
    assert (contribution.kind, contribution.name) == ("extractors", "a")
    assert contribution.details == {
        "extensions": ["acm"],
        "priority": 150,
        "version": "1",
    }


def test_what_is_listed_of_installed_plugins_is_json_able(discover):
    listed = [asdict(info) for info in discover().plugins()]
    assert json.loads(json.dumps(listed))[0]["name"] == "core"


def test_the_owner_of_a_contribution_is_known(ranked):
    manager = PluginManager.of(ranked("one", a=1), ranked("two", b=2))
    assert manager.owner_of(manager.extractors["b"]).name == "two"


def test_a_contribution_of_nobody_has_no_owner(ranked):
    manager = PluginManager.of(ranked(a=1))
    with pytest.raises(KeyError):
        manager.owner_of(replace(manager.extractors["a"], name="other"))


def test_a_call_returns_what_the_function_returns(ranked):
    manager = PluginManager.of(ranked(a=1))
    assert manager.call(manager.extractors["a"], divmod, 7, 2) == (3, 1)


@pytest.mark.parametrize("error", [ValueError("bad"), SystemExit(1), StopIteration()])
def test_an_undeclared_error_names_its_plugin(error, ranked):
    def work():
        raise error

    manager = PluginManager.of(ranked(a=1))
    with pytest.raises(PluginCallError, match="Extractor 'a'") as caught:
        manager.call(manager.extractors["a"], work)
    failure = caught.value.failure
    assert (failure.plugin, failure.stage) == ("acme", "call")
    assert "Traceback" in failure.traceback
    assert caught.value.__cause__ is error


def test_an_error_of_the_interface_passes_as_it_is(ranked):
    def work():
        raise ExtractionError("truncated")

    manager = PluginManager.of(ranked(a=1))
    with pytest.raises(ExtractionError, match=r"^truncated$"):
        manager.call(manager.extractors["a"], work)


def test_a_keyboard_interrupt_passes(ranked):
    manager = PluginManager.of(ranked(a=1))
    with pytest.raises(KeyboardInterrupt), manager.guard(manager.extractors["a"]):
        raise KeyboardInterrupt


def test_a_failed_call_can_be_sent_from_a_worker(ranked):
    manager = PluginManager.of(ranked(a=1))
    with pytest.raises(PluginCallError) as caught:
        manager.call(manager.extractors["a"], int, "x")
    again = pickle.loads(pickle.dumps(caught.value))
    assert (again.failure, str(again)) == (caught.value.failure, str(caught.value))


def test_what_is_not_from_a_plugin_is_guarded_too(ranked):
    manager = PluginManager.of(ranked(a=1))
    with pytest.raises(PluginCallError, match="no plugin"):
        manager.call(replace(manager.extractors["a"], name="made-up"), int, "x")


def test_items_are_guarded_as_they_are_yielded(ranked):
    def work():
        yield 1
        raise OSError("gone")

    manager = PluginManager.of(ranked(a=1))
    items = manager.iterate(manager.extractors["a"], work)
    assert next(items) == 1
    with pytest.raises(PluginCallError, match="OSError: gone"):
        next(items)


def test_all_items_are_yielded(ranked):
    manager = PluginManager.of(ranked(a=1))
    assert list(manager.iterate(manager.extractors["a"], range, 3)) == [0, 1, 2]


def test_a_function_that_yields_nothing_iterable_is_blamed(ranked):
    manager = PluginManager.of(ranked(a=1))
    with pytest.raises(PluginCallError, match="not iterable"):
        list(manager.iterate(manager.extractors["a"], int))


def test_the_taker_of_items_is_not_blamed_on_the_plugin(ranked):
    manager = PluginManager.of(ranked(a=1))
    items = manager.iterate(manager.extractors["a"], range, 3)
    with pytest.raises(ZeroDivisionError):
        list(map((1).__floordiv__, items))


def test_the_fingerprint_is_the_same_for_the_same_plugins(ranked):
    one, two = ranked("one", a=1), ranked("two", b=1)
    assert (
        PluginManager.of(one, two).fingerprint()
        == PluginManager.of(two, one).fingerprint()
    )


@pytest.mark.parametrize(
    "change",
    [
        {"version": "1.1"},
        {"body": EXTRACTORS.format(ranks=[("a", 1), ("b", 2)])},
        {"body": EXTRACTORS.format(ranks=[("a", 2)])},
        {
            "body": "@hookimpl\ndef nexuslims_extractors():\n"
            "    yield extractor('a', priority=1, version='2')\n"
        },
        {"body": EXTRACTORS.format(ranks=[("a", 1)]) + PROFILE.format(name="p")},
    ],
)
def test_the_fingerprint_changes_with_what_extracts(
    change, install, discover, monkeypatch
):
    as_it_was = {"body": EXTRACTORS.format(ranks=[("a", 1)]), "version": "1.0"}
    site = install("acme", **as_it_was)
    before = discover().fingerprint()
    sys.path.remove(str(site))
    del sys.modules["acme"]
    install("acme", **{**as_it_was, "version": "1.0.0", **change}, module="acme_2")
    assert discover().fingerprint() != before


def test_the_fingerprint_changes_with_a_local_file(local_plugin, discover):
    folder = local_plugin("tem.py", PROFILE.format(name="p"))
    before = discover(local_path=folder).fingerprint()
    local_plugin("tem.py", PROFILE.format(name="p") + "# another step")
    assert discover(local_path=folder).fingerprint() != before


def test_a_plugin_that_extracts_nothing_leaves_the_fingerprint(install, discover):
    before = discover().fingerprint()
    install(
        "greeter",
        "@hookimpl\ndef nexuslims_commands():\n"
        "    yield Command(name='greet', load=read)\n",
    )
    manager = discover()
    assert "greet" in manager.commands
    assert manager.fingerprint() == before


def test_a_recipe_makes_the_same_manager(install, local_plugin, discover, others):
    install("acme", EXTRACTORS.format(ranks=[("a", 1)]))
    folder = local_plugin("tem.py", PROFILE.format(name="p"))
    manager = discover(local_path=folder)
    recipe = pickle.loads(pickle.dumps(manager.recipe))
    assert recipe == PluginRecipe(disabled=frozenset(others), local_path=folder)
    again = PluginManager.from_recipe(recipe)
    assert again.fingerprint() == manager.fingerprint()
    assert again.plugins() == manager.plugins()


def test_a_manager_is_pickled_as_its_recipe(discover):
    manager = discover(disabled=["x"])
    assert pickle.loads(pickle.dumps(manager)).recipe == manager.recipe


def test_another_process_makes_the_same_manager(
    install, local_plugin, discover, tmp_path
):
    site = install("acme", EXTRACTORS.format(ranks=[("a", 1)]))
    folder = local_plugin("tem.py", PROFILE.format(name="p"))
    manager = discover(local_path=folder)
    (tmp_path / "manager").write_bytes(pickle.dumps(manager))
    program = """
import pickle, sys
sys.path.insert(0, sys.argv[1])
print(pickle.load(open(sys.argv[2], "rb")).fingerprint())
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(site), str(tmp_path / "manager")],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    assert done.stdout.strip() == manager.fingerprint()


def test_a_manager_of_modules_finds_nothing_else(install, ranked):
    install("acme", EXTRACTORS.format(ranks=[("installed", 1)]))
    manager = PluginManager.of(ranked(a=1))
    assert [info.name for info in manager.plugins()] == ["acme"]
    assert list(manager.extractors) == ["a"]


def test_a_manager_of_importable_modules_has_a_recipe():
    import nexuslims_core.builtin.plugin as built_in

    manager = PluginManager.of(built_in)
    again = PluginManager.from_recipe(pickle.loads(pickle.dumps(manager.recipe)))
    assert list(again.extractors) == list(manager.extractors)


def test_a_manager_of_modules_in_memory_has_no_recipe(ranked):
    manager = PluginManager.of(ranked("no_file_has_this", a=1))
    with pytest.raises(TypeError, match="no_file_has_this"):
        _ = manager.recipe
