from __future__ import annotations

import json
import zipfile

import pytest
from nexuslims_testing.servers.sampledb import RefusedError, import_eln

pytestmark = pytest.mark.live


@pytest.fixture
def packed(tmp_path):
    """Return a function that writes an ``.eln`` file with some entities more."""

    def write(**root):
        graph = [
            {
                "@id": "ro-crate-metadata.json",
                "@type": "CreativeWork",
                "about": {"@id": "./"},
                "sdPublisher": {"@type": "Organization", "name": "Tests"},
            },
            {"@id": "./", "@type": "Dataset", "hasPart": [{"@id": "./one/"}]} | root,
            {"@id": "./one/", "@type": "Dataset", "name": "One", "genre": "sample"},
        ]
        context = "https://w3id.org/ro/crate/1.1/context"
        document = json.dumps({"@context": context, "@graph": graph})
        with zipfile.ZipFile(tmp_path / "x.eln", "w") as archive:
            archive.writestr("x/ro-crate-metadata.json", document)
        return tmp_path / "x.eln"

    return write


def test_a_file_is_read(packed):
    found = import_eln(packed())
    assert [(one.name, one.kind) for one in found.objects] == [("One", "sample")]
    assert found.people == ()


def test_what_sampledb_refuses_is_told(packed):
    with pytest.raises(RefusedError, match="Reference to unknown ID"):
        import_eln(packed(hasPart=[{"@id": "./two/"}]))
