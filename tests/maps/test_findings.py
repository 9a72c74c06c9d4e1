"""The page of findings: complete, without references, and with file texts as text only."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace

import numpy as np
import shapely

from siteplan.issues import Issue
from siteplan.maps.findings import findings_map, findings_page, what_it_is
from siteplan.parcels import Parcels
from siteplan.reading import ReadReport, Treatment
from siteplan.text import sentence
from tests.studies import row_of_lots

EVIL = "<script>alert(1)</script>"


def squares(count: int) -> Parcels:
    return row_of_lots([None] * count)


def _report(parcels: Parcels, *issues: Issue, file: str = "lots.shp") -> ReadReport:
    return ReadReport(
        file=file,
        kind="parcels",
        format="ESRI Shapefile",
        encoding="cp949",
        crs_read="EPSG:5174",
        crs_used="EPSG:5186",
        crs_reason=sentence("The file declares it."),
        rows_in=len(parcels) + 2,
        parcels_out=len(parcels),
        issues=issues,
        columns={"pnu": EVIL},
        treatments=(Treatment(parcels.ids[0], "bow tie", 10.0, 12.5),),
    )


def _block(page: str, name: str) -> object:
    found = re.search(rf'id="siteplan-{name}">(.*?)</script>', page, re.DOTALL)
    assert found is not None, name
    return json.loads(found[1])


def test_colours_say_the_gravest_finding() -> None:
    parcels = squares(4)
    a, b, c, _ = parcels.ids
    issues = [Issue("overlap", (a, b), {"area": "1"}), Issue("pnu_missing", (b, c))]
    issues.append(Issue("duplicate_id", (c,), {"id": c, "renamed": ""}))
    page = findings_map(parcels, issues, lang="en").get_root().render()
    plan = _block(page, "plan")
    assert isinstance(plan, dict)
    first = plan["styles"][0]
    import base64

    index = np.frombuffer(base64.b64decode(first["index"]), dtype=np.uint8)
    assert index.tolist() == [1, 1, 0, 3]
    assert len(plan["styles"]) == 1 + len(issues)
    notes = _block(page, "notes")
    assert isinstance(notes, dict)
    assert len(notes["1"]) == 2
    assert "3" not in notes


def test_places_without_a_parcel_are_dots() -> None:
    parcels = squares(2)
    issue = Issue("overlap", (), {"count": 1, "area": "2 m²"}, ((203_100.0, 540_050.0),))
    page = findings_map(parcels, [issue], lang="ko").get_root().render()
    dots = _block(page, "finding")
    assert isinstance(dots, list)
    (lat, lon) = dots[0]["points"][0]
    assert 37.45 < lat < 37.47
    assert 127.03 < lon < 127.04


def test_texts_of_the_file_are_text_and_nothing_is_fetched() -> None:
    parcels = replace(squares(3), names_ko=(EVIL, None, None))
    issue = Issue("reader_warning", (), {"message": EVIL})
    for lang in ("ko", "en"):
        page = findings_page(_report(parcels, issue, file=EVIL), parcels, lang=lang)
        outside = re.sub(r'srcdoc="[^"]*"', "", page)
        assert EVIL not in page
        assert html.escape(EVIL) in outside
        assert "<script" not in outside
        inner = html.unescape(re.search(r'srcdoc="([^"]*)"', page)[1])  # type: ignore[index]
        assert EVIL not in inner
        assert not re.findall(r'(?:src|href)="(?:https?:)?//', page)


def test_without_parcels_the_page_still_says_what_was_found() -> None:
    page = findings_page(_report(squares(1)), None, lang="en")
    assert "<iframe" not in page
    assert "EPSG:5174" in page
    assert "12.50" in page


def test_every_parcel_of_a_finding_about_some_is_on_the_map() -> None:
    parcels = squares(5)
    ids = parcels.ids[1:4]
    issue = Issue("overlap", (*ids, "a row that is no parcel"), {"area": "1"})
    page = findings_map(parcels, [issue], lang="en").get_root().render()
    plan = _block(page, "plan")
    assert isinstance(plan, dict)
    assert plan["styles"][1]["legend"][0][2] == "3"
    assert shapely.is_valid(parcels.geometry).all()


def test_rows_wait_while_the_coordinate_system_is_asked() -> None:
    parcels = squares(3)
    placed = _report(parcels)
    assert what_it_is(placed, lang="en")["Rows"] == "5 rows in, 3 parcels out, 2 set aside"
    asked = replace(placed, crs_read="", crs_used=None, parcels_out=0)
    assert what_it_is(asked, lang="en")["Rows"] == "5 rows, waiting for the coordinate system"


def test_parcels_of_a_finding_about_all_have_none_of_their_own() -> None:
    parcels = squares(3)
    issues = [Issue("zone_missing", parcels.ids), Issue("pnu_missing", parcels.ids[:1])]
    plan = _block(findings_map(parcels, issues, lang="en").get_root().render(), "plan")
    assert isinstance(plan, dict)
    assert plan["styles"][0]["legend"][-1][1:] == ["No finding of their own", "2"]
