from __future__ import annotations

import pytest
from nexuslims_core.model.schema import EM_GLOSSARY, known_fields
from nexuslims_core.types import MetaValue
from nexuslims_exporter_rocrate.values import property_value

QUDT = "http://qudt.org/vocab/unit/"

GLOSSARY = {
    field.display_name: field for field in known_fields().values() if field.emg_uri
}


@pytest.mark.parametrize("name", sorted(GLOSSARY))
def test_every_field_of_the_glossary_has_its_term_and_unit(name):
    field = GLOSSARY[name]
    entity = property_value(MetaValue(name=name, value="1.5", unit=field.unit))
    assert entity["propertyID"].startswith(EM_GLOSSARY)
    assert entity["propertyID"] == field.emg_uri
    assert entity["unitCode"] == field.qudt_iri
    assert entity["value"] == 1.5


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        ("300.0", "kV", (300.0, "kV", QUDT + "KiloV")),
        ("80.0", "kX", (80_000.0, None, QUDT + "UNITLESS")),
        ("7", "parsec", (7.0, "parsec", None)),
        ("7", "__import__('os')", (7.0, "__import__('os')", None)),
        ("7", "no unit at all", (7.0, "no unit at all", None)),
        ("many", "kV", ("many", "kV", None)),
        ("nan", "kV", ("nan", "kV", None)),
        ("1e999", "kV", ("1e999", "kV", None)),
        ("12", None, ("12", None, None)),
    ],
)
def test_a_quantity_has_a_number_and_a_unit(value, unit, expected):
    entity = property_value(MetaValue(name="Any", value=value, unit=unit))
    assert (entity["value"], entity.get("unitText"), entity.get("unitCode")) == expected


def test_a_field_without_dimension_is_a_number():
    entity = property_value(MetaValue(name="magnification", value="80000.0"))
    assert (entity["value"], entity["unitCode"]) == (80_000.0, QUDT + "UNITLESS")


def test_equal_lines_are_one_entity_and_others_are_not():
    lines = [
        MetaValue(name="A", value="1", unit="V"),
        MetaValue(name="A", value="1", unit="V"),
        MetaValue(name="A", value="2", unit="V"),
        MetaValue(name="A", value="1", unit="V", warning=True),
    ]
    identifiers = [property_value(line)["@id"] for line in lines]
    assert identifiers[0] == identifiers[1]
    assert len(set(identifiers)) == 3


def test_importers_get_the_path_and_the_term_apart():
    line = MetaValue(name="Stage – Pos. X", value="1", unit="µm")
    assert property_value(line, eln=True)["propertyID"] == "Stage.Pos_ X"
    line = MetaValue(name="Beam Current", value="1", unit="pA")
    entity = property_value(line, eln=True)
    assert entity["propertyID"] == "Beam Current"
    assert entity["identifier"] == EM_GLOSSARY + "EMG_00000006"
