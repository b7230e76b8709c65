"""One session in five repositories: what people typed, late files, private TLS."""

from __future__ import annotations

import ssl
from datetime import timedelta
from urllib.parse import unquote, urlsplit

import pytest
from lxml import html
from nexuslims_core.record import from_xml
from nexuslims_testing.servers.faults import FaultProxy

pytestmark = [pytest.mark.live]

TYPED = """<script>alert("x")</script> & 'half' 100 % <b>Ω</b> 试样 шлиф \a|"""
"""With a bell, which XML cannot hold."""
TITLE = TYPED + 10_000 * "ä"
SHOWN = TITLE.replace("\a", "\N{REPLACEMENT CHARACTER}")
NAMES = (
    "a & b <c> \"d\" 'e' 100%.tif",
    "试样 #1?x=<script>.tif",
    "шлиф %2e%2e; ä.tif",
)
HTML = "nexuslims-exporter-html"
CURATION = "<curation><rating>4</rating></curation>"


@pytest.fixture
def facility(make_facility, cdcs_server, elabftw_server, labarchives_server):
    """Return an installation with five repositories."""
    made = make_facility(
        NX_CDCS_URL=cdcs_server.url,
        NX_CDCS_TOKEN=cdcs_server.admin_token,
        NX_ELABFTW_URL=elabftw_server.url,
        NX_ELABFTW_API_KEY=elabftw_server.api_key,
        NX_LABARCHIVES_URL=labarchives_server.url,
        NX_LABARCHIVES_ACCESS_KEY_ID=labarchives_server.access_key_id,
        NX_LABARCHIVES_ACCESS_PASSWORD=labarchives_server.access_password,
        NX_LABARCHIVES_USER_ID=labarchives_server.uid,
        NX_LABARCHIVES_NOTEBOOK_ID=labarchives_server.notebook,
        NX_LABARCHIVES_MIN_INTERVAL_S="0",
    )
    made.settings["NX_ROCRATE_PATH"] = str(made.folder / "crates")
    made.settings["NX_ROCRATE_FORMAT"] = "folder"
    made.add_instrument("SEM-1")
    return made


@pytest.fixture
def typed(facility, write_image, yesterday):
    """Log a session whose title and files' names hold everything that is awkward."""
    folder = facility.instrument_root / "SEM-1"
    for minute, name in enumerate(NAMES):
        write_image(folder / name, yesterday + timedelta(minutes=5 + minute))
    facility.add_session(
        "SEM-1", yesterday, yesterday + timedelta(hours=1), title=TITLE, purpose=TYPED
    )
    return folder


def pages_of(facility, elabftw_server, labarchives_server):
    """Return every page that a browser would show of the session, by its place."""
    catalogue = facility.data_path / "catalogue"
    crates = facility.folder / "crates"
    found = {str(one): one.read_text() for one in catalogue.rglob("*.html")}
    found |= {str(one): one.read_text() for one in crates.rglob("*.html")}
    found["elabftw"] = elabftw_server.experiments(1)[0].body
    [page] = labarchives_server.pages()
    found["labarchives"] = labarchives_server.texts(page)[0].data
    return found


def test_what_people_typed_arrives_everywhere_and_executes_nowhere(
    facility, typed, cdcs_server, elabftw_server, labarchives_server
):
    [session] = facility.build()["sessions"]

    assert session["status"] == "COMPLETED"
    assert len(session["exports"]) == 5
    [stored] = cdcs_server.records()
    record = from_xml(stored.xml.encode())
    assert record.title == SHOWN
    assert record.motivation == TYPED.replace("\a", "\N{REPLACEMENT CHARACTER}")
    located = {
        one.location.rpartition("/")[2]
        for activity in record.activities
        for one in activity.datasets
    }
    assert {unquote(one) for one in located} == set(NAMES)
    for place, text in pages_of(facility, elabftw_server, labarchives_server).items():
        root = html.fromstring(text)
        scripts = [one.text_content() for one in root.iter("script")]
        assert not [one for one in scripts if "alert" in one], place
        assert not root.xpath("//b[text()='Ω']"), place
        assert not root.xpath("//@*[starts-with(name(), 'on')]"), place
        if "index" not in place:
            shown = root.text_content()
            assert SHOWN[:80].strip("\ufffd") in shown, place


def test_links_of_the_catalogue_lead_to_files(facility, typed):
    facility.build()

    catalogue = facility.data_path / "catalogue"
    pages = list(catalogue.glob("records/*.html"))
    assert len(pages) == 1
    links = html.fromstring(pages[0].read_text()).xpath("//@href | //@src")
    local = [one for one in links if not urlsplit(one).scheme and one[0] != "#"]
    assert len(local) > len(NAMES)
    for link in local:
        target = pages[0].parent / unquote(urlsplit(link).path)
        assert target.exists(), link


def test_a_late_file_updates_every_repository_in_place(
    facility, write_image, yesterday, cdcs_server, elabftw_server, labarchives_server
):
    folder = facility.instrument_root / "SEM-1"
    write_image(folder / "early.tif", yesterday + timedelta(minutes=5))
    facility.add_session("SEM-1", yesterday, yesterday + timedelta(hours=1))
    facility.build()
    [before] = cdcs_server.records()
    curated = before.xml.replace("</dataset>", f"{CURATION}</dataset>", 1)
    path = f"rest/data/{before.id}/"
    cdcs_server.call("PATCH", path, {"content": curated, "xml_content": curated})
    [experiment] = elabftw_server.experiments(1)
    [page] = labarchives_server.pages()
    crates = sorted(one.name for one in (facility.folder / "crates").iterdir())
    records = sorted((facility.data_path / "catalogue" / "records").glob("*.html"))

    write_image(folder / "late.tif", yesterday + timedelta(minutes=50))
    [session] = facility.build()["sessions"]

    assert {one["action"] for one in session["exports"]} == {"updated"}
    [after] = cdcs_server.records()
    assert after.id == before.id
    assert CURATION in after.xml
    assert "late.tif" in after.xml
    assert [one.id for one in elabftw_server.experiments(1)] == [experiment.id]
    attached = [one.real_name for one in elabftw_server.uploads(experiment.id, 1)]
    assert len(attached) == len(set(attached))
    assert sum(name.endswith(".xml") for name in attached) == 1
    assert [one.tree_id for one in labarchives_server.pages()] == [page.tree_id]
    [attachment] = labarchives_server.attachments(page)
    assert b"late.tif" in attachment.content
    assert sorted(one.name for one in (facility.folder / "crates").iterdir()) == crates
    assert (
        sorted((facility.data_path / "catalogue" / "records").glob("*.html")) == records
    )
    assert "late.tif" in records[0].read_text()


@pytest.fixture
def private(cdcs_server):
    """Return a repository behind a certificate of a private authority, and that."""
    trustme = pytest.importorskip("trustme")
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with FaultProxy(cdcs_server.url, tls=context) as proxy:
        yield proxy.url, authority.cert_pem.bytes().decode()


@pytest.mark.parametrize("way", ["file", "inline", "none"])
def test_a_private_authority_is_trusted_when_told_so(
    make_facility, private, cdcs_server, write_image, yesterday, way
):
    url, authority = private
    facility = make_facility(
        NX_CDCS_URL=url, NX_CDCS_TOKEN=cdcs_server.admin_token, NX_DISABLED_PLUGINS=HTML
    )
    bundle = facility.folder / "authority.pem"
    bundle.write_text(authority)
    if way == "file":
        facility.settings["NX_CERT_BUNDLE_FILE"] = str(bundle)
    if way == "inline":
        facility.settings["NX_CERT_BUNDLE"] = authority.replace("\n", "\\n")
    folder = facility.add_instrument("SEM-1")
    write_image(folder / "a.tif", yesterday + timedelta(minutes=5))
    facility.add_session("SEM-1", yesterday, yesterday + timedelta(hours=1))

    [session] = facility.build(expect=(1,) if way == "none" else (0,))["sessions"]

    if way == "none":
        assert session["status"] == "BUILT_NOT_EXPORTED"
        assert "certificate is not trusted" in session["error"]
        assert "NX_CERT_BUNDLE_FILE" in session["error"]
        assert cdcs_server.records() == []
    else:
        assert session["status"] == "COMPLETED"
        assert len(cdcs_server.records()) == 1
