"""Fetching from the fake service: what it holds is received once, whatever it does meanwhile."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import geopandas as gpd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import siteplan as sp
from siteplan.errors import InputError, UsageError
from siteplan.io.vworld import Cache, Pace, Progress, Service, fetch, write_collection
from siteplan.io.vworld import download as download_module
from siteplan.io.vworld.collection import collection_text
from siteplan.io.vworld.refusals import Refusal
from siteplan.io.vworld.replies import NOTHING, parsed_reply
from siteplan.io.vworld.tiles import Box, tiles
from tests import rfc7946
from tests.vworld.asking import ALL, codes, held, pnus
from tests.vworld.fake_server import (
    DONG,
    KEY,
    NEIGHBOUR,
    SOUTH,
    WEST,
    FakeVWorld,
    bounds,
    grid,
    parcel,
)


class TestAreas:
    def test_a_box_in_tiles_is_one_big_query(
        self, fake: FakeVWorld, service: Service, pace: Pace
    ) -> None:
        fetched = fetch(ALL, service=service, pace=pace)
        assert len(fake.requests) == 4
        assert pnus(fetched) == held(fake)
        assert codes(fetched) == []

    @settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        west=st.floats(WEST, WEST + 0.01),
        south=st.floats(SOUTH, SOUTH + 0.01),
        wide=st.floats(0.001, 0.012),
        high=st.floats(0.001, 0.012),
    )
    def test_any_box(
        self,
        fake: FakeVWorld,
        service: Service,
        west: float,
        south: float,
        wide: float,
        high: float,
    ) -> None:
        box = Box(west, south, west + wide, south + high)
        inside = [
            feature["properties"]["pnu"]
            for feature in fake.layers["LP_PA_CBND_BUBUN"]
            for w, s, e, n in [bounds(feature)]
            if w <= box.east and e >= box.west and s <= box.north and n >= box.south
        ]
        fake.requests.clear()
        fetched = fetch(str(box), service=service, pace=Pace(sleep=lambda _: None))
        assert pnus(fetched) == sorted(inside)
        assert len(fake.requests) == len(tiles(box))

    def test_a_dong_by_its_code(self, fake: FakeVWorld, service: Service, pace: Pace) -> None:
        fetched = fetch(DONG, service=service, pace=pace)
        assert fake.asked() == [(f"pnu:like:{DONG}", "1")]
        assert pnus(fetched) == held(fake, start=DONG)

    @pytest.mark.parametrize("code", ["INVALID_TYPE", "SOMETHING_NEW"])
    def test_a_dong_by_boxes_where_its_code_is_refused(
        self, fake: FakeVWorld, service: Service, pace: Pace, code: str
    ) -> None:
        fake.refused["pnu:like:"] = code
        fetched = fetch(DONG, service=service, pace=pace)
        assert pnus(fetched) == held(fake, start=DONG)
        assert codes(fetched) == ["fetch_by_boxes"]
        assert code in fetched.issues[0].message.render("en")
        assert fetched.issues[0].details["others"] == len(held(fake, start=NEIGHBOUR))

    def test_a_dong_whose_code_finds_nothing_is_searched_by_boxes_too(
        self, fake: FakeVWorld, service: Service, pace: Pace, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        exact = FakeVWorld._meets
        monkeypatch.setattr(
            FakeVWorld,
            "_meets",
            lambda self, f, asked: (
                ":like:" not in asked.get("attrFilter", "") and exact(self, f, asked)
            ),
        )
        assert pnus(fetch(DONG, service=service, pace=pace)) == held(fake, start=DONG)

    def test_an_unknown_dong(self, service: Service, pace: Pace) -> None:
        with pytest.raises(InputError, match="does not know the dong 4113510900"):
            fetch("4113510900", service=service, pace=pace)

    def test_single_pnus_and_one_that_is_gone(
        self, fake: FakeVWorld, service: Service, pace: Pace
    ) -> None:
        wished = held(fake)[:2]
        fetched = fetch([*wished, f"{DONG}199990000"], service=service, pace=pace)
        assert pnus(fetched) == wished
        assert codes(fetched) == ["fetch_pnu_unknown"]
        assert f"{DONG}199990000" in fetched.issues[0].message.render("en")

    def test_nothing_there_is_an_error_but_an_empty_tile_is_none(
        self, fake: FakeVWorld, service: Service, pace: Pace
    ) -> None:
        with pytest.raises(InputError, match="knows nothing at"):
            fetch("126.5,37.0,126.51,37.01", service=service, pace=pace)
        beside = fetch("127.01,37.46,127.0399,37.4699", service=service, pace=pace)
        assert 0 < len(beside) < len(held(fake))

    def test_zones_of_a_dong(self, service: Service, pace: Pace) -> None:
        fetched = fetch(DONG, service=service, layer="zoning", pace=pace)
        assert [f["properties"]["uname"] for f in fetched.features] == ["준주거지역"]
        with pytest.raises(UsageError, match="no PNU"):
            fetch(f"{DONG}100010000", service=service, layer="zoning", pace=pace)

    def test_the_order_of_the_service_does_not_matter(
        self, fake: FakeVWorld, service: Service, pace: Pace
    ) -> None:
        first = fetch(ALL, service=service, pace=pace)
        fake.layers["LP_PA_CBND_BUBUN"].reverse()
        assert fetch(ALL, service=service, pace=pace).text == first.text


class TestPages:
    @pytest.fixture
    def crowded(self, fake: FakeVWorld) -> FakeVWorld:
        fake.layers["LP_PA_CBND_BUBUN"] = grid(50, 50)
        return fake

    def test_all_pages_of_at_most_a_thousand(
        self, crowded: FakeVWorld, service: Service, pace: Pace
    ) -> None:
        fetched = fetch(DONG, service=service, pace=pace)
        assert [page for _, page in crowded.asked()] == ["1", "2", "3"]
        assert {request["size"] for request in crowded.requests} == {"1000"}
        assert pnus(fetched) == held(crowded, start=DONG)

    def test_the_request_is_the_services_form(
        self, fake: FakeVWorld, service: Service, pace: Pace
    ) -> None:
        fetch(ALL, service=replace(service, domain="plan.example"), pace=pace)
        asked = fake.requests[0]
        west, south = WEST + 0.0145 / 2, SOUTH + 0.0145 / 2
        assert asked == {
            "service": "data", "version": "2.0", "request": "GetFeature", "format": "json",
            "errorFormat": "json", "data": "LP_PA_CBND_BUBUN", "crs": "EPSG:4326",
            "geometry": "true", "attribute": "true", "size": "1000", "page": "1",
            "geomFilter": f"BOX({Box(WEST, SOUTH, west, south)})",
            "key": KEY, "domain": "plan.example",
        }  # fmt: skip

    def test_a_crowded_tile_is_asked_for_in_quarters(
        self,
        fake: FakeVWorld,
        service: Service,
        pace: Pace,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(download_module, "SPLIT_ABOVE", 150)
        fetched = fetch(ALL, service=service, pace=pace)
        assert pnus(fetched) == held(fake)
        assert len(fake.requests) == 4 + 16

    def test_a_tile_refused_as_too_large_is_asked_for_in_quarters(
        self, fake: FakeVWorld, service: Service, pace: Pace
    ) -> None:
        fake.biggest_box = 0.004
        assert pnus(fetch(ALL, service=service, pace=pace)) == held(fake)
        assert len(fake.requests) == 4 + 16

    @pytest.mark.parametrize("fault", ["grown", "fewer"])
    def test_pages_that_do_not_agree_are_read_again_from_the_start(
        self, crowded: FakeVWorld, service: Service, pace: Pace, cache: Cache, fault: str
    ) -> None:
        crowded.faults = ["fine", fault]
        fetched = fetch(DONG, service=service, pace=pace, cache=cache)
        assert pnus(fetched) == held(crowded, start=DONG)
        assert "fetch_read_again" in codes(fetched)
        assert [page for _, page in crowded.asked()][-3:] == ["1", "2", "3"]

    def test_pages_that_never_agree_are_no_result(
        self, fake: FakeVWorld, service: Service, pace: Pace
    ) -> None:
        fake.faults = ["fewer"] * 50
        with pytest.raises(InputError, match="do not agree"):
            fetch(DONG, service=service, pace=pace)
        assert [page for _, page in fake.asked()] == ["1", "2"] * download_module.READINGS

    def test_rows_that_come_twice_are_told(
        self, fake: FakeVWorld, service: Service, pace: Pace
    ) -> None:
        twin = parcel(0, 0)
        fake.layers["LP_PA_CBND_BUBUN"] = [twin, twin, parcel(1, 0)]
        fetched = fetch(DONG, service=service, pace=pace)
        assert len(fetched) == 2
        assert "fetch_doubled" in codes(fetched)

    def test_one_pnu_with_two_outlines_stays_two(
        self, fake: FakeVWorld, service: Service, pace: Pace
    ) -> None:
        twin = parcel(5, 5)
        twin["properties"] = parcel(0, 0)["properties"]
        fake.layers["LP_PA_CBND_BUBUN"] = [parcel(0, 0), twin]
        fetched = fetch(DONG, service=service, pace=pace)
        assert len(fetched) == 2
        assert "duplicate_id" in {issue.code for issue in fetched.parcels().issues}


class TestResult:
    def test_it_is_geojson_as_rfc_7946_wants_it(self, service: Service, pace: Pace) -> None:
        text = fetch(DONG, service=service, pace=pace).text
        assert rfc7946.faults(text) == []
        document = json.loads(text)
        properties = document["features"][0]["properties"]
        assert properties["jibun"] == "1대"
        assert properties["jiga"] == "1000000"
        assert properties["evidence"] == "official"
        source, _, day = properties["source"].rpartition(" ")
        assert source == "VWorld LP_PA_CBND_BUBUN, fetched"
        assert abs(date.fromisoformat(day) - datetime.now(UTC).date()) <= timedelta(days=1)

    @pytest.mark.parametrize("ending", [".geojson", ".json", ".gpkg", ".parquet", ".fgb"])
    def test_each_format_reads_back_as_official_parcels(
        self, service: Service, pace: Pace, tmp_path: Path, ending: str
    ) -> None:
        fetched = fetch(DONG, service=service, pace=pace)
        path = write_collection(fetched.features, tmp_path / f"out{ending}")
        parcels = sp.read_parcels(path)
        assert sorted(parcels.ids) == pnus(fetched)
        assert set(parcels.evidence) == {"official"}
        assert not {i.code for i in parcels.issues} & {"crs_assumed", "pnu_invalid", "duplicate_id"}
        # A square of 0.0004° is 44.5 m high and 35.3 m wide here.
        assert parcels.site_area_m2.mean() == pytest.approx(44.4 * 35.4, rel=0.01)

    def test_properties_stay_text_in_other_formats(
        self, service: Service, pace: Pace, tmp_path: Path
    ) -> None:
        fetched = fetch(DONG, service=service, pace=pace)
        path = write_collection(fetched.features, tmp_path / "out.gpkg")
        frame = gpd.read_file(path)
        assert frame["pnu"].tolist() == pnus(fetched)
        assert {type(value) for value in frame["bonbun"]} == {str}
        assert frame["bubun"].tolist() == [f["properties"]["bubun"] for f in fetched.features]

    def test_an_unknown_ending_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match=r"\.geojson"):
            write_collection([], tmp_path / "out.xls")

    def test_fetch_parcels_is_the_python_way(self, fake: FakeVWorld, tmp_path: Path) -> None:
        seen: list[Progress] = []
        parcels = sp.fetch_parcels(
            DONG, key=KEY, url=fake.url, cache=tmp_path / "c", progress=seen.append
        )
        assert list(parcels.ids) == held(fake, start=DONG)
        assert (parcels.jibuns[0], parcels.jimoks[0]) == ("1", "대")
        assert seen[-1].ratio == 1.0
        assert seen[-1].rows == len(parcels)

    def test_progress_never_goes_back_in_rows_of_a_box(self, service: Service, pace: Pace) -> None:
        seen: list[Progress] = []
        fetch(ALL, service=service, pace=pace, progress=seen.append)
        assert [p.done for p in seen] == sorted(p.done for p in seen)
        assert [p.rows for p in seen] == sorted(p.rows for p in seen)
        assert seen[-1].done == seen[-1].queries == 4

    def test_an_outline_that_is_none_reaches_the_reader_and_is_found(
        self, fake: FakeVWorld, service: Service, pace: Pace
    ) -> None:
        broken = parcel(9, 9)
        broken["geometry"] = None
        odd = parcel(8, 9)
        odd["geometry"] = {"type": "MultiPolygon", "coordinates": [[["x"]]]}
        fake.layers["LP_PA_CBND_BUBUN"] = [parcel(0, 0), broken]
        parcels = fetch(DONG, service=service, pace=pace).parcels()
        assert len(parcels) == 1
        assert "geometry_set_aside" in {issue.code for issue in parcels.issues}
        fake.layers["LP_PA_CBND_BUBUN"] = [parcel(0, 0), odd]
        assert fetch(DONG, service=service, pace=pace).text.count('"Feature"') == 2


class TestConstructedReplies:
    """Replies put together from public client code, kept beside the project."""

    @pytest.fixture
    def folder(self) -> Path:
        shared = Path(__file__).resolve().parents[3] / "shared" / "geodata"
        if not shared.is_dir():
            pytest.skip("needs the sample replies of ../shared/geodata")
        return shared

    def test_a_page_of_parcels(self, folder: Path) -> None:
        reply = parsed_reply((folder / "vworld_LP_PA_CBND_BUBUN_example.json").read_bytes())
        assert (reply.total, len(reply.features)) == (1, 1)
        assert reply.features[0]["properties"]["pnu"] == "4113110700101750000"
        text = collection_text(reply.features)
        assert rfc7946.faults(text, decimals=9) == []
        parcels = sp.read_parcels(text.encode(), name="page.geojson")
        assert parcels.ids == ("4113110700101750000",)

    def test_an_empty_page_and_an_error(self, folder: Path) -> None:
        examples = json.loads((folder / "vworld_error_examples.json").read_bytes())
        assert parsed_reply(json.dumps(examples["not_found"]).encode()) == NOTHING
        with pytest.raises(Refusal, match="does not know this key"):
            parsed_reply(json.dumps(examples["error"]).encode())
