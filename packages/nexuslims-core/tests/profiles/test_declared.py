"""Files of profiles, and how their mistakes are told."""

from __future__ import annotations

import re

import pytest
from nexuslims_core.errors import ConfigurationError
from nexuslims_core.profiles.declared import read

WARN = '[[step]]\naction = "warn"\npaths = ["Operator"]\n'


def test_a_file_is_a_profile_named_like_it(declare):
    [profile] = declare(WARN, stem="Our TEM (old)")

    assert profile.name == "our-tem-old-"
    assert profile.instrument_id == "TEM-1"
    assert list(profile.parsers) == ["1 (warn Operator)"]


def test_it_may_have_a_name_of_its_own_and_a_description(declare):
    [profile] = declare('name = "titan"\ndescription = "Ours."\n' + WARN)

    assert profile.name == "titan"


def test_one_file_may_be_for_several_instruments(declare):
    profiles = declare(
        WARN, head='instrument = ["FEI-Titan", "JEOL 2100", "JEOL 2100"]\n'
    )

    assert {one.name: one.instrument_id for one in profiles} == {
        "ours.fei-titan": "FEI-Titan",
        "ours.jeol-2100": "JEOL 2100",
    }


def test_a_byte_order_mark_is_no_matter():
    text = f'instrument = "TEM-1"\n{WARN}'

    assert read("a", text.encode("utf-8-sig")).profiles


def step(text):
    return f'instrument = "TEM-1"\n[[step]]\n{text}'


MISTAKES = {
    "a = ": "it is no TOML: ",
    WARN: "'instrument' is missing",
    'instrument = ""\n' + WARN: "instrument: expected text, found ''",
    "instrument = 5\n" + WARN: "instrument: expected text, found 5",
    'instrument = "a"': "'step' is missing",
    'instrument = "a"\nstep = "warn"': (
        "step: expected tables that begin with [[step]]"
    ),
    'instrument = "a"\nsteps = 1\n' + WARN: (
        "'steps' is no key here; did you mean 'step'?"
    ),
    'instrument = "a"\nname = "A b"\n' + WARN: (
        "name: 'A b': expected lower-case letters, digits, '_', '-' or '.', starting "
        "with a letter or digit"
    ),
    'instrument = "a"\nstep = ["x"]': "step 1: 'action' is missing; expected one of",
    step('from = "a"'): (
        "step 1: 'action' is missing; expected one of rename, copy, convert, set, "
        "type, warn, remove"
    ),
    step('action = "renam"'): (
        "step 1: there is no action 'renam'; did you mean 'rename'?"
    ),
    step('action = "fly"'): (
        "step 1: there is no action 'fly'; expected one of rename, copy, "
    ),
    step('action = "rename"\nfrom = "a"\nto = "b"\nunitt = "c"'): (
        "step 1 (rename): 'unitt' is no key here; expected one of when, unless, "
        "action, from, to"
    ),
    step('action = "rename"\nform = "a"\nto = "b"\nfrom = "c"'): (
        "step 1 (rename): 'form' is no key here; did you mean 'from'?"
    ),
    step('action = "rename"\nfrom = "a"'): "step 1 (rename): 'to' is missing",
    step('action = "rename"\nfrom = "a"\nto = "a"'): (
        "step 1 (rename): 'from' and 'to' are both a"
    ),
    step('action = "rename"\nfrom = "raw:A"\nto = "a"'): (
        "step 1 (rename), from: raw groups stay as they were read; action = 'copy' "
        "takes values from them"
    ),
    step('action = "copy"\nfrom = "A"\nto = "raw:a"'): (
        "step 1 (copy), to: raw groups stay as they were read"
    ),
    step('action = "copy"\nfrom = "raw: / A"\nto = "a"'): (
        "step 1 (copy), from: a name is missing after the colon"
    ),
    step('action = "copy"\nfrom = "A /  / B"\nto = "a"'): (
        "step 1 (copy), from: 'A /  / B' is no path; expected a name, names joined by "
        "' / ', or a list"
    ),
    step('action = "copy"\nfrom = [1]\nto = "a"'): (
        "step 1 (copy), from: [1] is no path"
    ),
    step('action = "set"\npath = "data_type"\nvalue = "x"'): (
        "step 1 (set), path: the type of data is chosen with action = 'type'"
    ),
    step('action = "set"\npath = "Creation Time"\nvalue = "x"'): (
        "step 1 (set), path: Creation Time is what NexusLIMS says of a file"
    ),
    step('action = "set"\npath = "a"\nvalue = nan'): (
        "step 1 (set), value: expected text, a number, true, false or a list of those, "
        "found nan"
    ),
    step('action = "set"\npath = "a"\nvalue = 2026-01-01'): (
        "step 1 (set), value: expected text, a number, true, false or a list"
    ),
    step('action = "set"\npath = "beam_current"\nvalue = 5'): (
        "step 1 (set): beam_current: it has no unit; expected a quantity such as '1 pA'"
    ),
    step('action = "set"\npath = "Beam Current"\nvalue = 5\nunit = "kV"'): (
        "step 1 (set): Beam Current: expected a unit like pA, found kV"
    ),
    step('action = "set"\npath = "stage_position / x"\nvalue = "5 kV"'): (
        "step 1 (set): stage_position / x: expected a unit like µm, found kV"
    ),
    step('action = "set"\npath = "a"\nvalue = "5"\nunit = "kV"'): (
        "step 1 (set): a 'unit' goes with a number, not with '5'"
    ),
    step('action = "convert"\npath = "a"\nunit = "kVolts"'): (
        "step 1 (convert), unit: 'kVolts' is no known unit"
    ),
    step('action = "convert"\npath = "a"\nunit = "kV"\nnumber_unit = "mm"'): (
        "step 1 (convert): expected a unit like kV, found mm"
    ),
    step('action = "convert"\npath = "working_distance"\nunit = "kV"'): (
        "step 1 (convert): working_distance: expected a unit like mm, found kV"
    ),
    step('action = "type"'): "step 1 (type): give 'dataset_type', 'data_type' or both",
    step('action = "type"\ndataset_type = "Picture"'): (
        "step 1 (type), dataset_type: input should be 'Image', 'Spectrum', "
        "'SpectrumImage', 'Diffraction', 'Misc' or 'Unknown', found 'Picture'"
    ),
    step('action = "warn"\npaths = []'): (
        "step 1 (warn), paths: expected at least one, found an empty list"
    ),
    step('action = "warn"\npaths = ["raw:A"]'): (
        "step 1 (warn), paths: raw groups are not in the record; copy the value first"
    ),
    step('action = "remove"\npaths = ["Data Type"]'): (
        "step 1 (remove): every dataset has its Data Type; change it with 'type'"
    ),
    step('action = "warn"\npaths = ["A"]\nwhen = {}'): (
        "step 1 (warn), when: it is empty; give a 'path', an 'extension' or a 'word'"
    ),
    step('action = "warn"\npaths = ["A"]\nwhen = { pth = "B", exists = true }'): (
        "step 1 (warn), when: 'pth' is no key here; did you mean 'path'?"
    ),
    step('action = "warn"\npaths = ["A"]\nunless = { exists = true }'): (
        "step 1 (warn), unless: 'path' is missing: of which value?"
    ),
    step('action = "warn"\npaths = ["A"]\nwhen = { path = "B" }'): (
        "step 1 (warn), when: 'path' needs 'exists', 'equals', 'contains' or 'matches' "
        "beside it"
    ),
    step('action = "warn"\npaths = ["A"]\nwhen = { path = "B", exists = "yes" }'): (
        "step 1 (warn), when, exists: input should be a valid boolean, found 'yes'"
    ),
    step('action = "warn"\npaths = ["A"]\nwhen = { path = "B", matches = "(" }'): (
        "step 1 (warn), when, matches: '(' is no regular expression"
    ),
    step('action = "warn"\npaths = ["A"]\nwhen = { word = "my diff" }'): (
        "step 1 (warn), when, word: 'my diff' is no single word"
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "told"), MISTAKES.items())
def test_a_mistake_is_told_with_its_place_and_remedy(text, told):
    with pytest.raises(ConfigurationError, match=rf"^{re.escape(told)}") as caught:
        read("a", text.encode())

    assert "\n" not in str(caught.value)
    assert "at least 1 item" not in str(caught.value)


def test_several_mistakes_are_told_at_once_and_many_are_counted():
    text = 'instrument = "a"\n' + '[[step]]\naction = "type"\n' * 9

    with pytest.raises(ConfigurationError) as caught:
        read("a", text.encode())

    assert str(caught.value).count("give 'dataset_type'") == 5
    assert str(caught.value).endswith("; and 4 more")
    assert "step 5 (type)" in str(caught.value)


def test_what_is_no_text_is_told():
    with pytest.raises(ConfigurationError, match="not UTF-8 text: byte 2 is 0xff"):
        read("a", b"a \xff")
