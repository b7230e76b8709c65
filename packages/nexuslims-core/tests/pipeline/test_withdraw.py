"""Taking records back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from nexuslims_core.errors import ExportError, StoreError
from nexuslims_core.pipeline.withdraw import withdraw
from nexuslims_core.types import ExportResult


class Drawer:
    """A repository that takes records back."""

    def __init__(self, name, behaviour=None, remains=()):
        self.name, self.behaviour, self.remains = name, behaviour, remains
        self.held, self.asked = set(), []

    def validate_config(self):
        """Be well."""

    def export(self, context):
        self.held.add(context.title)
        return ExportResult(
            destination=self.name, success=True, action="created", record_id="1"
        )

    def withdraw(self, context):
        self.asked.append(context)
        if self.behaviour is not None:
            raise self.behaviour
        there = context.title in self.held
        self.held.discard(context.title)
        return ExportResult(
            destination=self.name,
            success=True,
            action="withdrawn" if there else "unchanged",
            metadata={"remains": list(self.remains)},
        )


@pytest.fixture
def built(lab):
    """Return a function that delivers one record to the given repositories."""

    def built(*shelves):
        lab.shelves.extend(shelves)
        lab.log()
        lab.write()
        lab.run()
        return lab

    return built


def take_back(lab):
    return withdraw(lab.session().identifier, None, lab.context())


def test_every_repository_that_can_gives_the_record_back(built):
    first, second = Drawer("first"), Drawer("second", remains=["a copy in the bin"])
    lab = built(first, second)

    done = take_back(lab)

    assert done.complete
    assert [one.action for one in done.results] == ["withdrawn", "withdrawn"]
    assert not first.held | second.held
    assert done.remains[0] == "second: a copy in the bin"
    assert done.remains[-1].startswith("here: ")


def test_the_session_is_not_built_again_until_somebody_retries_it(built):
    drawer = Drawer("first")
    lab = built(drawer)
    take_back(lab)
    lab.write("late.acm", minutes=60)

    assert lab.run().sessions == ()
    assert lab.status() == "NO_CONSENT"
    assert not drawer.held

    lab.store.retry([lab.session().identifier])
    assert [one.status for one in lab.run().sessions] == ["COMPLETED"]
    assert drawer.held


def test_each_answer_is_in_the_log(built):
    lab = built(Drawer("first"))
    take_back(lab)
    *_, last = lab.history().uploads
    assert (last.destination, last.success) == ("first", True)
    assert last.metadata["action"] == "withdrawn"


@pytest.mark.parametrize("error", [ExportError("403 no rights"), RuntimeError("bug")])
def test_what_fails_is_named_and_can_be_tried_again(built, error):
    broken, well = Drawer("broken", error), Drawer("well")
    lab = built(broken, well)

    done = take_back(lab)

    assert not done.complete
    assert str(error) in done.results[0].error
    assert done.results[1].success

    broken.behaviour = None
    again = take_back(lab)
    assert again.complete
    assert [one.action for one in again.results] == ["withdrawn", "unchanged"]


def test_a_repository_that_cannot_is_named_with_the_address_of_the_record(built):
    lab = built()
    lab.shelves.clear()
    lab.shelf("shelf")
    lab.store.retry([lab.session().identifier])
    lab.run()

    [result] = take_back(lab).results

    assert not result.success
    assert "remove https://shelf.example.org/1 by hand" in result.error


def test_a_repository_that_is_configured_no_more_is_named(built):
    lab = built(Drawer("gone"))
    lab.shelves.clear()
    [result] = take_back(lab).results
    assert result.destination == "gone"
    assert not result.success


def test_a_session_without_a_record_has_nothing_to_take_back(lab):
    lab.log()
    with pytest.raises(StoreError, match="has no record on disk"):
        take_back(lab)
    lab.write()
    lab.shelf()
    assert [one.status for one in lab.run().sessions] == ["COMPLETED"]


def test_a_session_that_another_runner_works_on_is_left_alone(built):
    lab = built(Drawer("first"))
    lab.store.take(
        lab.session().identifier,
        None,
        owner="somebody else",
        now=lab.clock(),
        lease=timedelta(hours=1),
    )
    with pytest.raises(StoreError, match="being worked on by somebody else"):
        take_back(lab)


def test_secrets_in_answers_are_not_told(built):
    lab = built(Drawer("first", ExportError("key hunter22 is wrong")))
    lab.secrets = frozenset({"hunter22"})
    [result] = take_back(lab).results
    assert "hunter22" not in result.error
