"""Draw the schematic Yangjae parcels and their context from the tables in ``facts/``.

Nothing here is an official cadastral outline. Streets and streams are sketched as centre
lines a few points long; what is left between them is cut into lots. Where a lot's area is
published, one edge is moved until the outline has that area in EPSG:5186.

    python data/yangjae/build.py [OUT_DIR]
"""

from __future__ import annotations

import csv
import itertools
import json
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from pyproj import Transformer
from shapely import affinity
from shapely.geometry import LineString, MultiPolygon, Point, Polygon, box, mapping, shape
from shapely.geometry.polygon import orient
from shapely.ops import split, unary_union

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from shapely.geometry.base import BaseGeometry

HERE = Path(__file__).resolve().parent
FACTS = HERE / "facts"
FRAME_LON_LAT = (127.020, 37.452, 127.055, 37.480)
PARK_AREA_M2 = 244_243.0
DONG_CODES = {"양재동": "1165010200", "우면동": "1165010300"}
DECIMALS = 9  # 0.1 mm: with 7 decimals (1 cm) a large lot would miss its published area
BUFFER_STRIP_M = 18.0  # green strip on both sides of the expressway
NODE_M = 1e-4  # a vertex this near an edge belongs to that edge
SAME_M = 1e-3  # vertices this near each other are one vertex
MIN_PIECE_M2 = 60.0
DRAWN = "schematic: drawn by siteplan"
PARK_SOURCE = "area of a public map's park polygon, 244243 m2; outline drawn by siteplan"
EXPRESSWAY = "R01"

_TO_METRES = Transformer.from_crs(4326, 5186, always_xy=True)
_TO_DEGREES = Transformer.from_crs(5186, 4326, always_xy=True)

Row = dict[str, str]
Properties = dict[str, Any]
Lot = tuple[Polygon, Properties]


# ------------------------------------------------------------------ reading the tables


def read_table(name: str) -> list[Row]:
    """Rows of ``facts/<name>.csv``."""
    with (FACTS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def metres(lon_lat: str) -> list[tuple[float, float]]:
    """EPSG:5186 points of a text such as ``127.03 37.46;127.04 37.47``."""
    pairs = [pair.split() for pair in lon_lat.split(";")]
    return [_TO_METRES.transform(float(lon), float(lat)) for lon, lat in pairs]


def frame() -> Polygon:
    """Frame of the drawing in EPSG:5186, a little inside its degrees so that nothing rounds out."""
    in_metres = shapely.transform(
        box(*FRAME_LON_LAT), lambda points: np.column_stack(_TO_METRES.transform(*points.T))
    )
    return in_metres.buffer(-2.0, join_style="mitre")


def bands(rows: Iterable[Row], *, extra_m: float = 0.0) -> dict[str, BaseGeometry]:
    """Surface of each road or stream: its centre line widened to its width."""
    surfaces: dict[str, BaseGeometry] = {}
    for row in rows:
        key = row.get("road_id") or row["stream_id"]
        half_m = float(row["width_m"]) / 2 + extra_m
        surfaces[key] = LineString(metres(row["line"])).buffer(
            half_m, cap_style="flat", join_style="mitre", mitre_limit=3.0
        )
    return surfaces


# ------------------------------------------------------------------ cutting land into lots


def polygons(geometry: BaseGeometry) -> list[Polygon]:
    """Polygons in any geometry, largest first, ties from west to east."""
    parts = [part for part in getattr(geometry, "geoms", [geometry]) if isinstance(part, Polygon)]
    return sorted(parts, key=lambda part: (-part.area, part.bounds))


def chamfered(land: Polygon, size_m: float) -> Polygon:
    """Land with its street corners cut back (가각전제)."""
    if size_m <= 0:
        return land
    # Opening first drops tongues too thin to build on; the bevel then cuts the corners.
    inner = land.buffer(-size_m, join_style="mitre", mitre_limit=10.0)
    outer = polygons(inner)[0].buffer(size_m, join_style="bevel")
    return polygons(outer.intersection(land).simplify(0.05))[0]


def slice_off(land: Polygon, *, bearing_deg: float, area_m2: float) -> tuple[Polygon, Polygon]:
    """Piece of ``area_m2`` cut from the side that faces ``bearing_deg``, and the rest.

    The cut is a straight line across the bearing. Its offset is solved by bisection, so the
    piece has the area to far below a square centimetre.
    """
    # Turn the land so that the bearing points along +x: then a cut is a vertical line.
    pivot = land.centroid
    turn_deg = bearing_deg - 90.0
    turned = affinity.rotate(land, turn_deg, origin=pivot)
    west, south, east, north = turned.bounds
    near, far = west, east
    for _ in range(80):
        middle = (near + far) / 2
        kept = turned.intersection(box(middle, south - 1, east + 1, north + 1)).area
        near, far = (middle, far) if kept > area_m2 else (near, middle)
    cut = affinity.rotate(LineString([(far, south - 1), (far, north + 1)]), -turn_deg, origin=pivot)
    angle = math.radians(bearing_deg)
    towards = Point(pivot.x + 1e5 * math.sin(angle), pivot.y + 1e5 * math.cos(angle))
    parts = sorted(polygons(split(land, cut)), key=lambda part: part.centroid.distance(towards))
    if len(parts) != 2:
        msg = f"a cut of {area_m2} m2 at {bearing_deg} degrees gives {len(parts)} pieces, not 2"
        raise ValueError(msg)
    return parts[0], parts[1]


def row_of_lots(land: Polygon, *, bearing_deg: float, areas_m2: Sequence[float]) -> list[Polygon]:
    """One row of lots of the wished areas, in turn; the last two share what is left."""
    lots, rest, count = [], land, 0
    while rest.area > 2.4 * (area_m2 := areas_m2[count % len(areas_m2)]):
        piece, rest = slice_off(rest, bearing_deg=bearing_deg + 180.0, area_m2=area_m2)
        lots.append(piece)
        count += 1
    if rest.area > 1.5 * area_m2:
        lots += slice_off(rest, bearing_deg=bearing_deg + 180.0, area_m2=0.47 * rest.area)
    else:
        lots.append(rest)
    return lots


def rows_of_lots(
    land: Polygon, *, bearing_deg: float, areas_m2: Sequence[float], rows: int
) -> list[Polygon]:
    """Lots of a block of one or two rows along ``bearing_deg``."""
    strips = [land]
    if rows == 2:
        strips = list(slice_off(land, bearing_deg=bearing_deg + 90.0, area_m2=land.area / 2))
    lots: list[Polygon] = []
    for number, strip in enumerate(strips):
        # The second row begins elsewhere in the cycle, so that lot lines do not face each other.
        shifted = [*areas_m2[3 * number :], *areas_m2[: 3 * number]]
        lots += row_of_lots(strip, bearing_deg=bearing_deg, areas_m2=shifted)
    return lots


# ------------------------------------------------------------------ the parcels


def named_lot(row: Row, outline: Polygon) -> Lot:
    """Outline and properties of one row of ``lots.csv``."""
    area_published = row["area_kind"] in {"published", "calc"}
    source = row["source"] or DRAWN
    if row["evidence"] == "published" and not area_published:
        source += "; area is ours, not published"
    jibun = pnu = None
    if row["dong"]:
        number = row["bon"] if row["bu"] == "0" else f"{row['bon']}-{row['bu']}"
        jibun = f"{row['dong']} {number}"
        pnu = f"{DONG_CODES[row['dong']]}1{int(row['bon']):04d}{int(row['bu']):04d}"
    return outline, {
        "parcel_id": row["parcel_id"],
        "pnu": pnu,
        "jibun": jibun,
        "name_ko": row["name_ko"] or None,
        "name_en": row["name_en"] or None,
        "zone": row["zone"],
        "zone_verified": False,
        "site_area_m2": float(row["area_m2"]) if area_published else round(outline.area, 1),
        "area_published": area_published,
        "facility": row["facility"] or None,
        "evidence": row["evidence"],
        "mark": row["mark"],
        "source": source,
    }


def plain_lot(parcel_id: str, zone: str, outline: Polygon) -> Lot:
    """Make a lot without any published fact."""
    keys = ("dong", "name_ko", "name_en", "facility", "source")
    row = dict.fromkeys(keys, "") | {"parcel_id": parcel_id, "zone": zone, "area_kind": "ours"}
    return named_lot(row | {"evidence": "schematic", "mark": "M"}, outline)


def lots_in_slices(land: Polygon, rows: Sequence[Row]) -> Iterator[Lot]:
    """Lots cut off one after the other; a row without an area takes all that is left."""
    rest = land
    for row in rows:
        if not row["cut_from_deg"]:
            yield named_lot(row, rest)
            return
        piece, rest = slice_off(
            rest, bearing_deg=float(row["cut_from_deg"]), area_m2=float(row["area_m2"])
        )
        yield named_lot(row, piece)


def lots_in_rows(land: Polygon, block: Row, *, first: int) -> Iterator[Lot]:
    """Small lots in one or two rows, numbered in the block."""
    outlines = rows_of_lots(
        land,
        bearing_deg=float(block["bearing_deg"]),
        areas_m2=[float(area) for area in block["lot_areas_m2"].split()],
        rows=1 if block["rule"] == "rows1" else 2,
    )
    for number, outline in enumerate(outlines, start=first):
        parcel_id = f"Y2-{block['block_id'].replace('-', '')}-{number:02d}"
        yield plain_lot(parcel_id, block["zone"], outline)


def draw_lots(not_land: BaseGeometry) -> list[Lot]:
    """All lots, block by block: earlier blocks come first where outlines overlap."""
    lot_rows = read_table("lots")
    lots: list[Lot] = []
    taken = not_land
    for block in read_table("blocks"):
        ground = Polygon(metres(block["outline"])).intersection(frame()).difference(taken)
        pieces = [piece for piece in polygons(ground) if piece.area > MIN_PIECE_M2]
        chamfer_m = float(block["chamfer_m"])
        drawn: list[Lot] = []
        if block["rule"] == "slices":
            rows = [row for row in lot_rows if row["block_id"] == block["block_id"]]
            drawn += lots_in_slices(chamfered(pieces[0], chamfer_m), rows)
        else:
            wide = [piece for piece in pieces if piece.area > 8 * MIN_PIECE_M2]
            for piece in sorted(wide, key=lambda piece: piece.bounds):
                land = chamfered(piece, chamfer_m)
                drawn += lots_in_rows(land, block, first=len(drawn) + 1)
        taken = unary_union([taken, *(outline for outline, _ in drawn)])
        lots += drawn
    return lots


# ------------------------------------------------------------------ one valid coverage


def merged_vertices(outlines: Sequence[Polygon]) -> list[Polygon]:
    """Outlines whose nearly equal vertices have become the same vertex."""
    kept: list[tuple[float, float]] = []
    cells: dict[tuple[int, int], list[int]] = {}

    def one(x: float, y: float) -> tuple[float, float]:
        column, line = math.floor(x), math.floor(y)
        for dx in (-1, 0, 1):
            for dy in (-1, 0, 1):
                for index in cells.get((column + dx, line + dy), []):
                    if math.dist(kept[index], (x, y)) < SAME_M:
                        return kept[index]
        cells.setdefault((column, line), []).append(len(kept))
        kept.append((x, y))
        return x, y

    return [Polygon([one(x, y) for x, y in outline.exterior.coords]) for outline in outlines]


def noded(outlines: Sequence[Polygon]) -> list[Polygon]:
    """Outlines with a vertex wherever a neighbour has one, so that shared edges are equal."""
    merged = merged_vertices(outlines)
    vertices = sorted({point for outline in merged for point in outline.exterior.coords})
    tree = shapely.STRtree(shapely.points(vertices))
    result = []
    for outline in merged:
        ring = list(outline.exterior.coords)
        full: list[tuple[float, ...]] = []
        for start, end in itertools.pairwise(ring):
            edge = LineString([start, end])
            near = [vertices[i] for i in tree.query(edge, predicate="dwithin", distance=NODE_M)]
            between = [point for point in near if point not in (start, end)]
            full += [start, *sorted(between, key=lambda point: math.dist(start, point))]
        result.append(Polygon(full))
    return result


# ------------------------------------------------------------------ the context


def draw_parks(not_park: BaseGeometry) -> list[tuple[Row, BaseGeometry]]:
    """Parks; one part of the forest park is cut so that the whole has its published area."""
    parks: dict[str, tuple[Row, list[Polygon]]] = {}
    taken = not_park
    for row in read_table("parks"):
        _, parts = parks.setdefault(row["park"], (row, []))
        land = Polygon(metres(row["outline"])).difference(taken)
        pieces = [piece for piece in polygons(land) if piece.area > MIN_PIECE_M2]
        if row["cut_from_deg"]:
            missing_m2 = PARK_AREA_M2 - sum(part.area for part in parts)
            bearing_deg = float(row["cut_from_deg"])
            pieces = [slice_off(pieces[0], bearing_deg=bearing_deg, area_m2=missing_m2)[0]]
        parts += pieces
        taken = unary_union([taken, *pieces])
    return [(row, MultiPolygon(parts)) for row, parts in parks.values()]


def feature(
    kind: str, name_ko: str, name_en: str, source: str, shape_m: BaseGeometry, **more: Any
) -> dict[str, Any]:
    """One context feature."""
    return {
        "properties": {"kind": kind, "name_ko": name_ko or None, "name_en": name_en or None}
        | more
        | {"source": source, "schematic": True},
        "geometry": shape_m,
    }


def line_features(
    rows: Sequence[Row],
    surfaces: dict[str, BaseGeometry],
    *,
    kind: str,
) -> Iterator[dict[str, Any]]:
    """Surfaces of roads or streams and, for roads, their centre lines."""
    for row in rows:
        names = (row["name_ko"], row["name_en"], DRAWN)
        key = row.get("road_id") or row["stream_id"]
        more: Properties = {"width_m": float(row["width_m"])}
        if kind == "road":
            more["rank"] = row["rank"]
        yield feature(kind, *names, surfaces[key].intersection(frame()), **more)
        if kind == "road":
            line = LineString(metres(row["line"])).intersection(frame())
            yield feature("road_line", *names, line, **more)


def point_features() -> Iterator[dict[str, Any]]:
    """Stations, the two dong names and places."""
    for row in read_table("points"):
        point = Point(_TO_METRES.transform(float(row["lon"]), float(row["lat"])))
        more = {key: row[key] for key in ("role", "lines") if row[key]}
        yield feature(row["kind"], row["name_ko"], row["name_en"], row["source"], point, **more)


# ------------------------------------------------------------------ writing


def lon_lat(shape_m: BaseGeometry) -> BaseGeometry:
    """WGS 84 geometry with rounded coordinates and counter-clockwise outer rings."""
    # Equal points in two lots give equal numbers, so shared edges stay shared.
    degrees = shapely.transform(
        shape_m,
        lambda points: np.column_stack(_TO_DEGREES.transform(*points.T)).round(DECIMALS),
    )
    if isinstance(degrees, Polygon):
        return orient(degrees)
    if isinstance(degrees, MultiPolygon):
        return MultiPolygon([orient(part) for part in degrees.geoms])
    return degrees


def write_collection(path: Path, features: Iterable[dict[str, Any]]) -> None:
    """Write RFC 7946 GeoJSON, one feature per line."""
    rows = []
    for item in features:
        degrees = lon_lat(item["geometry"])
        rows.append(
            {"type": "Feature", "properties": item["properties"], "geometry": mapping(degrees)}
        )
    bounds = shapely.total_bounds([shape(row["geometry"]) for row in rows])
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    head = f'{{"type": "FeatureCollection", "bbox": {json.dumps(bounds.tolist())}, "features": [\n'
    path.write_text(head + lines + "\n]}\n", encoding="utf-8", newline="\n")


def build(out: Path) -> None:
    """Write ``parcels.geojson`` and ``context.geojson`` into ``out``."""
    road_rows, stream_rows = read_table("roads"), read_table("streams")
    roads, streams = bands(road_rows), bands(stream_rows)
    main = [roads[row["road_id"]] for row in road_rows if row["rank"] == "main"]
    water = unary_union(list(streams.values()))
    strip: BaseGeometry = roads[EXPRESSWAY].buffer(
        BUFFER_STRIP_M, cap_style="flat", join_style="mitre"
    )
    strip = strip.intersection(frame()).difference(unary_union([*main, water]))
    # Small streets stop at the green strip; only main roads pass under the expressway.
    barrier = unary_union([strip, roads[EXPRESSWAY]])
    for row in road_rows:
        if row["rank"] == "minor":
            roads[row["road_id"]] = polygons(roads[row["road_id"]].difference(barrier))[0]
    taken = unary_union([*roads.values(), water, strip])
    parks = draw_parks(taken)
    lots = draw_lots(unary_union([taken, *(park for _, park in parks)]))
    outlines = noded([outline for outline, _ in lots])
    properties = [facts for _, facts in lots]
    write_collection(
        out / "parcels.geojson",
        [
            {"properties": facts, "geometry": outline}
            for outline, facts in zip(outlines, properties, strict=True)
        ],
    )

    hub = next(
        outline
        for outline, facts in zip(outlines, properties, strict=True)
        if facts["parcel_id"] == "UM-141"
    )
    context = [
        *line_features(road_rows, roads, kind="road"),
        *line_features(stream_rows, streams, kind="stream"),
        *(
            feature(
                "park",
                row["name_ko"],
                row["name_en"],
                PARK_SOURCE if row["park"] == "forest" else DRAWN,
                park,
            )
            for row, park in parks
        ),
        feature("park", "경부고속도로 완충녹지", "Expressway green strip", DRAWN, strip),
        *point_features(),
        feature(
            "place",
            "서울 AI 허브 메인센터",
            "Seoul AI Hub Main Centre",
            "태봉로 108 (우면동 141): hankyung 202105119700Y; point drawn by siteplan",
            hub.centroid,
            role="ai_hub",
        ),
    ]
    write_collection(out / "context.geojson", context)


if __name__ == "__main__":
    build(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
