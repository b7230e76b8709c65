from __future__ import annotations

from datetime import UTC, datetime

import pytest
from nexuslims_core.errors import StoreError
from nexuslims_core.store import ExternalUser, Store, initialise

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ADA = ExternalUser(username="ada", system="elabftw", external_id="42")


@pytest.fixture
def users(tmp_path):
    url = f"sqlite:///{tmp_path / 'users.db'}"
    initialise(url)
    with Store.open(url) as store:
        yield store


def test_a_user_has_one_name_in_each_system(users):
    users.set_external_id(ADA, NOW)
    later = ExternalUser(username="ada", system="elabftw", external_id="43")
    users.set_external_id(later, NOW)
    users.set_external_id(
        ExternalUser(username="ada", system="cdcs", external_id="ada.l"), NOW
    )
    assert users.external_ids("ada") == {"elabftw": "43", "cdcs": "ada.l"}
    assert users.external_ids("bob") == {}


def test_nobody_has_the_name_of_another(users):
    users.set_external_id(ADA, NOW)
    with pytest.raises(StoreError, match="42 in elabftw is ada already"):
        users.set_external_id(
            ExternalUser(username="bob", system="elabftw", external_id="42"), NOW
        )


def test_an_unknown_system_is_answered_with_those_that_are_known(users):
    with pytest.raises(StoreError, match="known: nemo, labarchives_eln"):
        users.set_external_id(
            ExternalUser(username="ada", system="facebook", external_id="1"), NOW
        )


def test_a_name_can_be_forgotten(users):
    users.set_external_id(ADA, NOW)
    assert users.remove_external_id("ada", "elabftw")
    assert not users.remove_external_id("ada", "elabftw")
    assert users.external_users() == ()
