// Measuring: lengths and areas in EPSG:5186, in which the parcels' own areas are taken.

// Transverse Mercator on GRS 80 (127° E, 38° N, scale 1): Snyder 1987, "Map Projections: A Working
// Manual", formulas 3-21 and 8-9 to 8-13. Off by less than a millimetre in all of Korea.
const RADIANS = Math.PI / 180;
const AXIS_M = 6378137;
const E2 = (2 - 1 / 298.257222101) / 298.257222101;
const EP2 = E2 / (1 - E2);

function meridian(phi) {
  return (
    AXIS_M *
    ((1 - E2 / 4 - (3 * E2 ** 2) / 64 - (5 * E2 ** 3) / 256) * phi -
      ((3 * E2) / 8 + (3 * E2 ** 2) / 32 + (45 * E2 ** 3) / 1024) * Math.sin(2 * phi) +
      ((15 * E2 ** 2) / 256 + (45 * E2 ** 3) / 1024) * Math.sin(4 * phi) -
      ((35 * E2 ** 3) / 3072) * Math.sin(6 * phi))
  );
}

function inMetres({ lat, lng }) {
  const phi = lat * RADIANS;
  const n = AXIS_M / Math.sqrt(1 - E2 * Math.sin(phi) ** 2);
  const t = Math.tan(phi) ** 2;
  const c = EP2 * Math.cos(phi) ** 2;
  const a = (lng - 127) * RADIANS * Math.cos(phi);
  const east = a + ((1 - t + c) * a ** 3) / 6 +
    ((5 - 18 * t + t ** 2 + 72 * c - 58 * EP2) * a ** 5) / 120;
  const north = a ** 2 / 2 + ((5 - t + 9 * c + 4 * c ** 2) * a ** 4) / 24 +
    ((61 - 58 * t + t ** 2 + 600 * c - 330 * EP2) * a ** 6) / 720;
  return {
    x: 200000 + n * east,
    y: 600000 + meridian(phi) - meridian(38 * RADIANS) + n * Math.tan(phi) * north,
  };
}

const lengthM = (points) => {
  const at = points.map(inMetres);
  return sum(at.slice(1).map(({ x, y }, i) => Math.hypot(x - at[i].x, y - at[i].y)));
};

const areaM2 = (points) => {
  const at = points.map(inMetres);
  return Math.abs(sum(at.map(({ x, y }, i) => {
    const next = at[(i + 1) % at.length];
    return (x - at[0].x) * (next.y - at[0].y) - (next.x - at[0].x) * (y - at[0].y);
  }))) / 2;
};

// Whether the sides of a ring cross each other: then it has no area that anyone means.
function crosses(points) {
  const at = points.map(inMetres);
  const side = (p, q, r) => Math.sign((q.x - p.x) * (r.y - p.y) - (q.y - p.y) * (r.x - p.x));
  const meet = (p, q, r, s) =>
    side(p, q, r) * side(p, q, s) < 0 && side(r, s, p) * side(r, s, q) < 0;
  return at.some((p, i) =>
    at.some((r, j) => j > i && meet(p, at[(i + 1) % at.length], r, at[(j + 1) % at.length])),
  );
}

const length = (m) => (m < 1000 ? `${m.toFixed(1)} m` : `${thousands(m)} m`);

const measureTool = {
  name: "measure",
  label: "measure",
  hint: "measure_hint",
  keys: "measure_keys",
  ends: "measure_end",
  figure: element("strong", "figure"),
  ring: false, // an area instead of a distance
  done: false,

  buttons() {
    const mode = (text, ring) => {
      const made = button(text, () => {
        this.ring = ring;
        this.show();
      }, "mode");
      made.siteplanRing = ring;
      return made;
    };
    this.back = button(words.draw_back, dropPoint);
    this.modes = [mode(words.distance, false), mode(words.area, true)];
    return [...this.modes, this.back];
  },

  begin() {
    this.done = false;
  },

  point(at) {
    // A measurement that is finished gives way to the next.
    if (this.done) this.points = [];
    this.done = false;
    if (!repeats(this.points, at)) this.points.push(at);
    this.show();
    announce(this.figure.textContent);
  },

  finish() {
    this.done = this.points.length > 1;
    this.show();
    announce(this.figure.textContent);
  },

  told(line) {
    if (!this.ring) return fill(words.measured, { length: length(lengthM(line)) });
    if (line.length < 3) return fill(words.measured_area, { area: area(0), length: length(lengthM(line)) });
    if (crosses(line)) return words.crosses;
    const around = length(lengthM([...line, line[0]]));
    return fill(words.measured_area, { area: area(areaM2(line)), length: around });
  },

  show(pointer) {
    const { points } = this;
    this.done &&= points.length > 1;
    const running = pointer && points.length && !this.done && !repeats(points, pointer);
    const line = running ? [...points, pointer] : points;
    this.figure.textContent = this.told(line);
    this.back.disabled = !points.length;
    for (const made of this.modes) {
      made.setAttribute("aria-pressed", String(made.siteplanRing === this.ring));
    }
    const shapes = cased(line, { closed: this.ring && line.length > 2 });
    // The figure stands at the line's end too, where the eye is.
    if (line.length > 1) {
      const short = this.ring && line.length > 2 && !crosses(line) ? area(areaM2(line)) : length(lengthM(line));
      const text = element("span", "siteplan-figure", short);
      const { x } = state.map.latLngToContainerPoint(line.at(-1));
      if (x > state.map.getSize().x / 2) text.classList.add("left");
      const icon = L.divIcon({ className: "siteplan-label", html: text, iconSize: [0, 0] });
      shapes.push(L.marker(line.at(-1), { icon, pane: "siteplan-labels", interactive: false, keyboard: false }));
    }
    drawTool(this, shapes, points);
  },
};
