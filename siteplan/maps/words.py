"""Words of the map document, as keys of the catalogues."""

from __future__ import annotations

from siteplan.text import N_

WORDS = {
    "aria": N_(
        "Map of parcels. Arrow keys move, plus and minus zoom, N and P go from parcel to parcel, "
        "Enter selects, slash searches, question mark lists all keys."
    ),
    "zoom_in": N_("Zoom in"),
    "zoom_out": N_("Zoom out"),
    "fit": N_("Show all parcels"),
    "layers": N_("Layers"),
    "legend": N_("Legend"),
    "colour_by": N_("Colour by"),
    "site_area": N_("Site area"),
    "zone": N_("Zone"),
    "total": N_("Total GFA"),
    "far": N_("FAR"),
    "floors": N_("Floors"),
    "no_gfa": N_("No floor area in this plan"),
    "schematic": N_("Schematic outline, not surveyed"),
    "change": N_("Change"),
    "missing": N_("Not a lot of the other plan"),
    # selection
    "chosen": N_("{count} selected · site {area}"),
    "none_chosen": N_("Nothing selected"),
    "is_selected": N_("selected"),
    "clear": N_("Clear the selection (Esc)"),
    "box": N_("Select by a box (Shift and drag)"),
    "box_hint": N_(
        "Drag a box, or click two corners. Parcels whose middle lies in it are selected."
    ),
    "box_keys": N_("Keys: arrows move the map, space sets a corner in its middle, Esc gives up."),
    # tools
    "tools": N_("Tools"),
    "draw": N_("Draw a line"),
    "draw_hint": N_("Click points across the lot; a double click finishes."),
    "draw_keys": N_(
        "Keys: arrows move the map, space sets a point in its middle, Enter finishes, Esc gives up."
    ),
    "draw_done": N_("Cut"),
    "draw_back": N_("Last point back"),
    "draw_cancel": N_("Give up"),
    "measure": N_("Measure distance and area"),
    "measure_hint": N_("Click points; a double click finishes."),
    "measure_keys": N_(
        "Keys: arrows move the map, space sets a point in its middle, Enter finishes, Esc ends."
    ),
    "measure_end": N_("End measuring"),
    "distance": N_("Distance"),
    "area": N_("Area"),
    "measured": N_("Distance {length}"),
    "measured_area": N_("Area {area} · round it {length}"),
    "crosses": N_("The sides cross: no area"),
    "divider": N_("Divider between two plans; arrow keys move it"),
    # search
    "search": N_("Search parcels"),
    "search_hint": N_("Lot, name, id or PNU"),
    "found": N_("{count} found"),
    "found_more": N_("{count} found, the first {shown} shown"),
    "not_found": N_("No parcel found. Try a lot number such as 225."),
    # paper
    "print": N_("Print the map"),
    "sheet": N_("Site plan"),
    "scenario": N_("Scenario"),
    "rules": N_("Rules"),
    "north": N_("N"),
    "caution": N_(
        "Schematic data: {count} of {all} outlines are drawn by siteplan, not surveyed. "
        "Take no measurements from this sheet."
    ),
    # keys
    "keys": N_("Keys of the map"),
    "close": N_("Close"),
}

KEYS = (
    ("← → ↑ ↓", N_("move the map")),
    ("+ −", N_("zoom")),
    ("N, P", N_("next and previous parcel, read aloud")),
    ("Home, End", N_("first and last parcel")),
    ("Enter", N_("select the parcel in the ring, or in the middle; with Shift, add it")),
    ("/", N_("search")),
    ("B", N_("select by a box")),
    ("M", N_("measure")),
    ("Esc", N_("end a tool, leave the ring, clear the selection")),
    ("?", N_("show or hide these keys")),
)
"""What keys do while the map has the focus."""
