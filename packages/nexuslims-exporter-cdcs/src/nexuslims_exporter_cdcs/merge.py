"""Keeping what people added to a published record when it is replaced.

The front-end's annotator writes notes and curation into the record itself. NexusLIMS
never writes those elements, so whatever of them is stored is a person's work.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nexuslims_exporter_cdcs.document import (
    NAMESPACE,
    adopt,
    children,
    parse,
    serialised,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from lxml import etree

__all__ = ["keep_annotations"]

# Elements that people add, with those that precede them in the schema's sequences.
_OF_SUMMARY = {"collaborator": ("experimenter",)}
_OF_SAMPLE = ("name", "description")
_OF_ACTIVITY = ("startTime", "sampleID", "setup")
_OF_DATASET = {
    "format": ("name", "location"),
    "description": ("name", "location", "format"),
    "curation": None,
}


def keep_annotations(ours: str, stored: str) -> tuple[str, int]:
    """Return our record with the annotations of the stored one.

    Notes whose sample or activity is gone move to the end of the experiment. The result
    is `ours`, to the letter, if there is nothing to keep; merging it again changes
    nothing.

    Returns
    -------
    tuple[str, int]
        The record, and how many datasets with annotations are not in it any more.
    """
    new, old = parse(ours), parse(stored)
    if new is None or old is None:
        return ours, 0
    kept = _keep_pid(new, old) + _keep_summary(new, old) + _keep_notes(new, old)
    curated, lost = _keep_curation(new, old)
    return (serialised(new) if kept + curated else ours), lost


def _keep_pid(new: etree._Element, old: etree._Element) -> int:
    """Keep the persistent identifier that the repository gave the record."""
    pid = old.get("pid")
    if not pid or new.get("pid"):
        return 0
    new.set("pid", pid)
    return 1


def _keep_summary(new: etree._Element, old: etree._Element) -> int:
    target = new.find("nx:summary", NAMESPACE)
    source = old.find("nx:summary", NAMESPACE)
    if target is None or source is None:
        return 0
    return _graft(target, source, _OF_SUMMARY)


def _keep_notes(new: etree._Element, old: etree._Element) -> int:
    samples = _homes(old, "sample", _sample_finder(new, old))
    activities = _homes(old, "acquisitionActivity", _activity_finder(new))
    homeless = [
        each for home, notes in samples + activities if home is None for each in notes
    ]
    return (
        _house(samples, _OF_SAMPLE)
        + _house(activities, _OF_ACTIVITY)
        + _house([(new, [*children(old, "notes"), *homeless])], None)
    )


def _homes(
    old: etree._Element,
    name: str,
    find: Callable[[etree._Element], etree._Element | None],
) -> list[tuple[etree._Element | None, list[etree._Element]]]:
    """Pair the stored notes of each sample or activity with their parent in ours."""
    found: dict[etree._Element | None, list[etree._Element]] = {}
    for parent in children(old, name):
        notes = children(parent, "notes")
        if notes:
            found.setdefault(find(parent), []).extend(notes)
    return list(found.items())


def _house(
    homes: Sequence[tuple[etree._Element | None, list[etree._Element]]],
    after: tuple[str, ...] | None,
) -> int:
    housed = 0
    for home, notes in homes:
        if home is not None and not children(home, "notes"):
            adopt(home, notes, after=after)
            housed += len(notes)
    return housed


def _sample_finder(
    new: etree._Element, old: etree._Element
) -> Callable[[etree._Element], etree._Element | None]:
    samples, before = children(new, "sample"), children(old, "sample")

    def find(sample: etree._Element) -> etree._Element | None:
        for mark in (_id, _ref, _name):
            same = [
                each for each in samples if mark(each) and mark(each) == mark(sample)
            ]
            if same:
                return same[0]
        return samples[before.index(sample)] if len(samples) == len(before) else None

    return find


def _id(sample: etree._Element) -> str:
    return sample.get("id", "")


def _ref(sample: etree._Element) -> str:
    return sample.get("ref", "")


def _name(sample: etree._Element) -> str:
    return sample.findtext("nx:name", "", NAMESPACE)


def _activity_finder(
    new: etree._Element,
) -> Callable[[etree._Element], etree._Element | None]:
    """Find the activity that has most of the datasets; activities shift and merge."""
    activities = [
        (each, {_key(dataset) for dataset in children(each, "dataset")})
        for each in children(new, "acquisitionActivity")
    ]

    def find(activity: etree._Element) -> etree._Element | None:
        keys = {_key(dataset) for dataset in children(activity, "dataset")}
        shared = [(len(keys & theirs), each) for each, theirs in activities]
        most = max((count for count, _ in shared), default=0)
        if most:
            return next(each for count, each in shared if count == most)
        start = activity.findtext("nx:startTime", "", NAMESPACE)
        same = [each for _, each in shared if start and _start(each) == start]
        return same[0] if same else None

    return find


def _start(activity: etree._Element) -> str:
    return activity.findtext("nx:startTime", "", NAMESPACE)


def _key(dataset: etree._Element) -> tuple[str, str]:
    return (
        dataset.findtext("nx:location", "", NAMESPACE),
        dataset.findtext("nx:name", "", NAMESPACE),
    )


def _keep_curation(new: etree._Element, old: etree._Element) -> tuple[int, int]:
    homes: dict[tuple[str, str], list[etree._Element]] = {}
    for dataset in new.iterfind("nx:acquisitionActivity/nx:dataset", NAMESPACE):
        homes.setdefault(_key(dataset), []).append(dataset)
    kept = lost = 0
    for dataset in old.iterfind("nx:acquisitionActivity/nx:dataset", NAMESPACE):
        same = homes.get(_key(dataset), [])
        if same:
            kept += _graft(same.pop(0), dataset, _OF_DATASET)
        elif any(children(dataset, name) for name in _OF_DATASET):
            lost += 1
    return kept, lost


def _graft(
    target: etree._Element,
    source: etree._Element,
    elements: Mapping[str, tuple[str, ...] | None],
) -> int:
    grafted = 0
    for name, after in elements.items():
        found = children(source, name)
        if found and not children(target, name):
            adopt(target, found, after=after)
            grafted += len(found)
    return grafted
