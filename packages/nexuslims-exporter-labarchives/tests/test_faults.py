"""Whatever happens on the way: one page, one entry, one attachment."""

from __future__ import annotations

import pytest
from nexuslims_core.errors import ExportError
from nexuslims_testing.servers.faults import Fault

pytestmark = pytest.mark.slow

CALLS_OF_A_FIRST_EXPORT = 13
CALLS_OF_AN_UPDATE = 6
CALLS_OF_A_WITHDRAWAL = 10

FAULTS = [
    pytest.param(Fault.cut_before(), id="cut before"),
    pytest.param(Fault.cut_after(), id="cut after"),
    pytest.param(Fault.answer(500), id="500"),
    pytest.param(Fault.answer(504), id="504"),
]


def the(number):
    """Match the call with this number, counted from 0, and no other."""
    seen = []

    def match(request):
        seen.append(request)
        return len(seen) == number + 1

    return match


def calls_to(method):
    return lambda request: f"/{method}?" in request.path


@pytest.fixture
def try_to():
    """Do something that may fail for a passing reason."""

    def attempt(work, context):
        failed = []
        try:
            work(context)
        except ExportError as error:
            failed.append(error)
        assert all(error.retry for error in failed)

    return attempt


@pytest.fixture
def is_one(labarchives_server, the_page):
    """Assert that everything is there once, and as it should be."""

    def check(context):
        page = the_page()
        assert sorted(each.name for each in labarchives_server.folders()) == [
            "NexusLIMS Records",
            "TEM-1",
        ]
        (text,) = labarchives_server.texts(page)
        (file,) = labarchives_server.attachments(page)
        assert context.record.motivation in text.data
        assert file.content == context.xml

    return check


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("number", range(CALLS_OF_A_FIRST_EXPORT))
def test_a_failure_at_any_call_of_a_first_export_is_completed_later(
    shaky, proxy, context, try_to, is_one, number, fault
):
    proxy.inject(match=the(number), fault=fault, times=1)
    try_to(shaky.export, context)
    assert shaky.export(context).success
    is_one(context)
    assert shaky.export(context).action == "unchanged"


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("number", range(CALLS_OF_AN_UPDATE))
def test_a_failure_at_any_call_of_an_update_is_completed_later(
    shaky, proxy, context, rebuilt, try_to, is_one, number, fault
):
    first = shaky.export(context)
    proxy.inject(match=the(number), fault=fault, times=1)
    changed = rebuilt(previous=first)
    try_to(shaky.export, changed)
    assert shaky.export(changed).record_id == first.record_id
    is_one(changed)
    assert shaky.export(changed).action == "unchanged"


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("number", range(CALLS_OF_A_WITHDRAWAL))
def test_a_failure_at_any_call_of_a_withdrawal_is_completed_later(
    shaky, proxy, labarchives_server, context, the_page, try_to, number, fault
):
    shaky.export(context)
    proxy.inject(match=the(number), fault=fault, times=1)
    try_to(shaky.withdraw, context)
    shaky.withdraw(context)
    assert shaky.withdraw(context).action == "unchanged"
    page = the_page()
    assert labarchives_server.path(page).startswith("API Deleted Items/")
    (text,) = labarchives_server.texts(page)
    assert "was withdrawn on" in text.data


def test_the_numbers_of_calls_above_are_those_that_are_made(
    shaky, proxy, context, rebuilt
):
    first = shaky.export(context)
    made = [len(proxy.requests)]
    shaky.export(rebuilt(previous=first))
    made.append(len(proxy.requests) - sum(made))
    shaky.withdraw(context)
    made.append(len(proxy.requests) - sum(made))
    assert made == [
        CALLS_OF_A_FIRST_EXPORT,
        CALLS_OF_AN_UPDATE,
        CALLS_OF_A_WITHDRAWAL,
    ]


def test_nothing_is_sent_again_in_the_same_export_after_a_time_out(
    shaky, proxy, context
):
    proxy.inject(match=calls_to("add_entry"), fault=Fault.answer(504))
    with pytest.raises(ExportError, match="504"):
        shaky.export(context)
    sent = [each for each in proxy.requests if calls_to("add_entry")(each)]
    assert len(sent) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422, 429])
def test_a_refusal_is_never_tried_again(shaky, proxy, context, status):
    proxy.inject(fault=Fault.answer(status))
    with pytest.raises(ExportError, match=str(status)):
        shaky.export(context)
    assert len(proxy.requests) == 1


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_failing_server_is_asked_three_times_with_a_new_signature_each(
    shaky, proxy, context, status
):
    proxy.inject(fault=Fault.answer(status))
    with pytest.raises(ExportError, match=str(status)) as caught:
        shaky.export(context)
    assert caught.value.retry
    assert len(proxy.requests) == 3
    assert len({each.query["expires"] for each in proxy.requests}) == 3
    assert len({each.query["sig"] for each in proxy.requests}) == 3


def test_a_server_that_asks_for_much_patience_is_left_alone(shaky, proxy, context):
    proxy.inject(fault=Fault.unavailable(retry_after=3600))
    with pytest.raises(ExportError, match="503"):
        shaky.export(context)
    assert len(proxy.requests) == 1


def test_a_gateway_s_page_in_place_of_an_answer_is_named(shaky, proxy, context):
    proxy.inject(fault=Fault.html(200))
    with pytest.raises(ExportError, match="NX_LABARCHIVES_URL"):
        shaky.export(context)


def test_a_notebook_that_hides_what_it_took_is_not_filled_again(
    shaky, proxy, labarchives_server, context
):
    empty = b"<tree-tools><level-nodes/></tree-tools>"
    proxy.inject(
        match=calls_to("get_tree_level"),
        fault=Fault.answer(200, empty, content_type="application/xml"),
    )
    with pytest.raises(ExportError, match="does not show it") as caught:
        shaky.export(context)
    assert caught.value.retry
    assert len(labarchives_server.folders()) == 1


def test_no_message_holds_a_secret(shaky, proxy, labarchives_server, context):
    secrets = (
        labarchives_server.access_password,
        labarchives_server.access_key_id,
        labarchives_server.uid,
    )
    sent = " ".join(secrets[1:])
    echo = f"<error><error-description>{sent}</error-description></error>"
    told = []
    for fault in (Fault.cut_before(), Fault.answer(500), Fault.html(404)):
        proxy.clear()
        proxy.inject(fault=fault)
        with pytest.raises(ExportError) as caught:
            shaky.export(context)
        error = caught.value
        told.append(repr([error, error.__cause__, error.__context__]))
    proxy.clear()
    proxy.inject(fault=Fault.answer(400, echo, content_type="application/xml"))
    with pytest.raises(ExportError) as caught:
        shaky.export(context)
    told.append(str(caught.value))
    assert not [secret for secret in secrets if secret in " ".join(told)]
    assert not [each for each in labarchives_server.signatures if each in str(told)]
