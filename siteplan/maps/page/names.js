// Names on the map: as many as fit, the important ones first.

// A name is a marker without a picture. `dot` puts it below its dot instead of over it.
function label(at, { lines, kind, rank, angle = 0, dot = false, fits = null, below = null }) {
  const text = element("span", `siteplan-name siteplan-name-${kind}`);
  lines.forEach((line, row) => text.append(element("span", row ? "second" : "first", line)));
  if (below) text.append(below);
  if (angle) text.style.transform = `translate(-50%, -50%) rotate(${angle.toFixed(1)}deg)`;
  if (dot) text.classList.add("below");
  const marker = L.marker(at, {
    icon: L.divIcon({ className: "siteplan-label", html: text, iconSize: [0, 0] }),
    pane: "siteplan-labels",
    interactive: false,
    keyboard: false,
  });
  marker.siteplanName = { text, rank, angle, dot, fits, key: lines[0], size: null };
  return marker;
}

// Show as many names as fit, the important ones first, none twice close together.
function arrangeNames() {
  const shown = [];
  const names = [];
  state.map.eachLayer((layer) => {
    if (layer.siteplanName) names.push(layer);
  });
  // Write all, then read all: one layout instead of one per name.
  for (const { siteplanName: name } of names) name.text.classList.remove("hidden", "short");
  for (const { siteplanName: name } of names) name.size = sizeOf(name.text);
  const long = names.filter(({ siteplanName: name }) => name.fits && !name.fits(name.size));
  for (const { siteplanName: name } of long) name.text.classList.add("short");
  for (const { siteplanName: name } of long) name.size = sizeOf(name.text);
  names.sort((a, b) => a.siteplanName.rank - b.siteplanName.rank);
  for (const marker of names) {
    const name = marker.siteplanName;
    const box = nameBox(state.map.latLngToLayerPoint(marker.getLatLng()), name);
    const crowded = shown.some(
      (other) =>
        boxesMeet(box, other.box) ||
        (other.key === name.key && Math.hypot(box.x - other.box.x, box.y - other.box.y) < 420),
    );
    if (crowded || (name.fits && !name.fits(name.size))) {
      name.text.classList.add("hidden");
    } else {
      shown.push({ box, key: name.key });
    }
  }
}

const sizeOf = (text) => [text.offsetWidth, text.offsetHeight];

function nameBox(point, { size: [width, height], angle, dot }) {
  const turn = (angle * Math.PI) / 180;
  const w = Math.abs(width * Math.cos(turn)) + Math.abs(height * Math.sin(turn));
  const h = Math.abs(width * Math.sin(turn)) + Math.abs(height * Math.cos(turn));
  const y = dot ? point.y + 9 + h / 2 : point.y;
  return { x: point.x, y, w: w + 6, h: h + 2 };
}

const boxesMeet = (a, b) =>
  Math.abs(a.x - b.x) * 2 < a.w + b.w && Math.abs(a.y - b.y) * 2 < a.h + b.h;

// Names of parcels: beneath the name what is built there, as far as the outline has room.
let parcelNames = null;

function nameParcels() {
  if (!facts.middles) return; // too many: names are left to the tooltip
  parcelNames?.remove();
  parcelNames = L.layerGroup();
  state.layers.forEach((layer, row) => {
    // Either side of a divider has figures of its own: the tooltip tells them.
    const figures = swipe.plan ? null : state.figures.get(row);
    const kind = figures ? "used" : "parcel";
    const room = figures ? 0.55 : 1; // a plate may reach over the outline's edge
    const fits = ([width, height]) => {
      const size = layer._pxBounds.getSize();
      return (width + 6) * room < size.x && (height + 4) * room < size.y;
    };
    const lines = [nameOf(row)];
    let below = null;
    if (figures) {
      const uses = usesOf(figures.gfa_m2);
      const named = uses.map(({ use }) => settings.uses[use]).join("·");
      lines.push(`${named} ${thousands(total(row))} m²`);
      if (uses.length > 1) below = mixBar(uses);
    }
    // Among equals, the larger parcel keeps its name.
    const rank = RANK[kind] - facts.site_area_m2[row] * 1e-9;
    parcelNames.addLayer(label(facts.middles[row], { lines, kind, rank, fits, below }));
  });
  parcelNames.addTo(state.map);
}
