"""Which layer of a file with several holds what is looked for, by what stands in them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from siteplan.errors import InputError
from siteplan.io.dbf_text import decoded_frame
from siteplan.io.delimited import no_outlines
from siteplan.io.encoding import RAW
from siteplan.io.recognition import recognised
from siteplan.io.source import Located
from siteplan.issues import Issue
from siteplan.text import sentence

_NAMED_LAYERS = ("gpkg", "kml")
"""Formats whose files hold several layers by name."""

_PROBED_ROWS = 50


def layer_options(file_format: str, *, layer: str) -> dict[str, Any]:
    """Return what GDAL has to be told to read a layer of a format."""
    if file_format == "shp":
        return {"encoding": RAW}
    return {"layer": layer} if file_format in _NAMED_LAYERS else {}


_NAMED_OTHERS = 8
"""So many layers that were not read are named in a sentence."""


def layers_of(
    targets: dict[str, Path | str], *, file_format: str
) -> dict[str, tuple[Path | str, str]]:
    """Return layer name -> (file, geometry type) of all files."""
    import pyogrio

    layers: dict[str, tuple[Path | str, str]] = {}
    for stem, target in targets.items():
        for name, kind in pyogrio.list_layers(target).tolist():
            shown = name if file_format in _NAMED_LAYERS else stem
            layers[str(shown)] = (target, str(kind or ""))
    return layers


def chosen_layers(
    layers: dict[str, tuple[Path | str, str]], found: Located, *, wish: str | None, kind: str
) -> tuple[list[str], list[Issue]]:
    """Return the layer to read: the wished one, else the one of a kind that can hold polygons.

    The folders of a KML are layers to GDAL; all that hold polygons are returned.
    """
    names = ", ".join(layers)
    if not layers:
        raise InputError(no_outlines(found.name))
    if wish is not None:
        if wish not in layers:
            raise InputError(
                sentence(
                    "{name} has no layer {wish}. It has: {names}.",
                    name=found.name,
                    wish=wish,
                    names=names,
                )
            )
        return [wish], []
    areal = [
        name
        for mark in ("Polygon", "Surface", "Unknown", "Collection")
        for name, (_, shape) in layers.items()
        if mark in shape
    ]
    if not areal:
        raise InputError(no_outlines(found.name))
    if len(layers) == 1:
        return areal, []
    if found.format == "kml":
        folders = [name for name in areal if _holds_polygons(layers[name][0], layer=name)]
        details = {"number": len(folders), "layers": ", ".join(folders)}
        joined = [Issue("layers_joined", (), details)] if len(folders) > 1 else []
        return folders or areal[:1], joined
    best = areal[0]
    if len(areal) > 1:
        best = next((name for name in areal if _kind_of(layers, name, found) == kind), best)
    others = [name for name in layers if name != best]
    named = ", ".join(others[:_NAMED_OTHERS]) + (" …" if len(others) > _NAMED_OTHERS else "")
    details = {"layer": best, "layers": names, "others": named, "other": others[0]}
    return [best], [Issue("layer_chosen", (), details)]


def _kind_of(layers: dict[str, tuple[Path | str, str]], name: str, found: Located) -> str:
    """Return the kind of a layer by its first rows."""
    import pyogrio

    target, options = layers[name][0], layer_options(found.format, layer=name)
    frame = pyogrio.read_dataframe(
        target, max_features=_PROBED_ROWS, on_invalid="ignore", **options
    )
    if isinstance(target, Path) and found.format == "shp":
        frame, _, _ = decoded_frame(frame, path=target, encoding=None)
    return recognised(frame).kind


def _holds_polygons(target: Path | str, *, layer: str) -> bool:
    import pyogrio

    frame = pyogrio.read_dataframe(target, layer=layer, columns=[], on_invalid="ignore")
    return bool(frame.geom_type.isin(("Polygon", "MultiPolygon", "GeometryCollection")).any())
