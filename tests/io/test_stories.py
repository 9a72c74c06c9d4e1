"""The prepared scenarios: three that differ, fit, keep the total and say what they are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from siteplan.evaluation import evaluate
from siteplan.io import default_scenario, read_parcels, stories
from siteplan.uses import USES
from tests.studies import row_of_lots

PARCELS = read_parcels()
START = default_scenario(PARCELS)


def test_each_fits_and_only_its_split_differs_from_the_start() -> None:
    found = stories(PARCELS)
    assert [story.key for story in found] == ["research_led", "campus_town", "housing_rich"]
    for story in found:
        plan = evaluate(PARCELS, story.scenario)
        assert plan.status == "optimal"
        assert plan.total_gfa_m2 == 270_000
        bare = replace(story.scenario, programme=START.programme, name=START.name)
        assert bare == START


def test_each_leads_with_the_use_that_its_name_promises() -> None:
    split = {s.key: evaluate(PARCELS, s.scenario).uses_gfa_m2 for s in stories(PARCELS)}
    most = {
        key: USES[int(np.argmax(m2 - evaluate(PARCELS, START).uses_gfa_m2))]
        for key, m2 in split.items()
    }
    assert most == {"research_led": "research", "campus_town": "campus", "housing_rich": "housing"}


def test_they_speak_both_languages() -> None:
    for story in stories(PARCELS):
        assert story.named("ko").name != story.named("en").name
        assert story.told.ko
        assert story.told.en


def test_other_parcels_have_none() -> None:
    assert stories(row_of_lots(["준주거지역"])) == ()
