"""A plan as a DXF drawing: lots, labels and extruded outlines of buildings, for CAD.

Metres in EPSG:5186, as Korean survey drawings are. A building is a closed polyline with an
elevation and a thickness, so that CAD shows it in plan and as a solid in 3-D. Every lot carries
the columns of the export as extended data under the application name ``SITEPLAN``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from siteplan.crs import WORK_CRS
from siteplan.io.export import export_columns, signature
from siteplan.maps.looks import USE_COLOURS
from siteplan.massing import PARKING, prisms
from siteplan.uses import USES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ezdxf.document import Drawing
    from ezdxf.layouts.layout import Modelspace

    from siteplan.evaluation import Plan

APP_NAME = "SITEPLAN"
LOTS, LABELS, MASSING = "SITEPLAN-LOT", "SITEPLAN-LABEL", "SITEPLAN-MASSING"
LABEL_HEIGHT_M = 4.0
METRES = 6
"""Value of ``$INSUNITS`` for metres (DXF reference, HEADER section)."""

_STRING, _MOST_LETTERS = 1000, 250
"""Group code of a text in extended data, and the letters that it holds (DXF reference: 255)."""

_GREY = (110, 118, 126)


def write_dxf(plan: Plan, path: Path) -> None:
    """Write a plan as DXF (AutoCAD 2010 and later).

    Parameters
    ----------
    plan : Plan
    path : Path
    """
    from ezdxf.filemanagement import new

    drawing = new("R2010")
    drawing.header["$INSUNITS"] = METRES
    drawing.header["$MEASUREMENT"] = 1
    for name, value in _said(plan):
        drawing.header.custom_vars.append(name, value)
    drawing.appids.add(APP_NAME)
    # Most CAD has this face; its own letters cannot show Korean.
    drawing.styles.add(APP_NAME, font="malgun.ttf")
    _layers(drawing)
    space = drawing.modelspace()
    _draw_lots(plan, space)
    _draw_massing(plan, space)
    drawing.saveas(path)


def _said(plan: Plan) -> Iterator[tuple[str, str]]:
    """Yield what stands in the drawing's own properties."""
    known = signature(plan)
    yield "siteplan scenario", str(known["scenario_id"])
    yield "siteplan version", str(known["version"])
    yield "siteplan rules", str(known["rules"])
    yield "siteplan total GFA (m2)", str(known["total_gfa_m2"])
    yield "siteplan coordinates", f"{WORK_CRS}, m"
    yield "siteplan note", known["note"]["ko"]
    yield "siteplan note (en)", known["note"]["en"]


def massing_layer(segment: str) -> str:
    """Return the layer that holds the buildings of a use, or parking above ground."""
    return f"{MASSING}-{segment.upper()}"


def _layers(drawing: Drawing) -> None:
    from ezdxf.colors import rgb2int

    for name in (LOTS, LABELS):
        drawing.layers.add(name, true_color=rgb2int(_GREY))
    for segment in (*USES, PARKING):
        red, green, blue = bytes.fromhex(USE_COLOURS.get(segment, "#7F7F7F").removeprefix("#"))
        drawing.layers.add(massing_layer(segment), true_color=rgb2int((red, green, blue)))


def _draw_lots(plan: Plan, space: Modelspace) -> None:
    import shapely

    columns = export_columns(plan)
    inside = shapely.point_on_surface(plan.parcels.geometry)
    total_m2 = columns["gfa_total_m2"]
    for row, outline in enumerate(plan.parcels.geometry):
        facts = [
            (_STRING, f"{name}={values[row]}"[:_MOST_LETTERS])
            for name, values in columns.items()
            if values[row] is not None
        ]
        for ring in _rings(outline):
            drawn = space.add_lwpolyline(ring, close=True, dxfattribs={"layer": LOTS})
            drawn.set_xdata(APP_NAME, facts)
        space.add_mtext(
            f"{_plain(plan.parcels.name(row, lang='ko'))}\\P{total_m2[row]:,} m²",
            dxfattribs={
                "layer": LABELS,
                "style": APP_NAME,
                "char_height": LABEL_HEIGHT_M,
                "attachment_point": 5,  # middle centre
                "insert": (inside[row].x, inside[row].y),
            },
        )


def _draw_massing(plan: Plan, space: Modelspace) -> None:
    for prism in prisms(plan.massing, plan.parcels.geometry):
        for ring in _rings(prism.outline):
            space.add_lwpolyline(
                ring,
                close=True,
                dxfattribs={
                    "layer": massing_layer(prism.segment),
                    "elevation": prism.base_m,
                    "thickness": prism.height_m,
                },
            )


def _rings(outline: Any) -> Iterator[list[tuple[float, float]]]:
    """Yield every ring, without the point that closes it."""
    import shapely

    for polygon in shapely.get_parts(outline):
        for ring in (polygon.exterior, *polygon.interiors):
            yield [(x, y) for x, y in ring.coords[:-1]]


def _plain(text: str) -> str:
    r"""Return a text whose letters mean nothing to MTEXT, where ``\`` begins a command."""
    return text.replace("\\", "\\\\").replace("{", "\\{").replace("}", "\\}")
