// The map by keyboard. Tab reaches the map and then its buttons; what the keys do on the map itself
// stands in KEYS and behind the button with the question mark.
//
// One parcel at a time can be in focus: N and P go through them in the order of the list, a ring
// shows which, and its name, uses and m² are read aloud. Keys of one letter act only while the map
// has the focus (WCAG 2.1.4).

const RING_PX = 14; // smaller, a ring would hide its parcel: the map goes nearer

const roving = {
  row: -1,
  ring: null,

  go(row) {
    this.row = row;
    const { map } = state;
    const box = state.layers[row].getBounds();
    const { x, y } = map.latLngToContainerPoint(box.getSouthEast())
      .subtract(map.latLngToContainerPoint(box.getNorthWest()));
    if (Math.max(x, y) < RING_PX) {
      map.setView(box.getCenter(), Math.min(map.getBoundsZoom(box.pad(3)), 18), { animate: false });
    } else if (!map.getBounds().pad(-0.08).contains(box)) {
      map.panTo(box.getCenter(), { animate: false });
    }
    map.getContainer().classList.add("siteplan-roving");
    this.show();
    announce(spoken(row));
    showTip(row);
  },

  show() {
    this.ring?.remove();
    this.ring = null;
    if (this.row < 0) return;
    const outline = state.layers[this.row].getLatLngs();
    const quiet = { fill: false, interactive: false, renderer: renderers.selection };
    const focus = getComputedStyle(document.documentElement).getPropertyValue("--focus").trim();
    this.ring = L.layerGroup([
      L.polygon(outline, { ...quiet, color: ground().casing, weight: 10 }),
      L.polygon(outline, { ...quiet, color: focus, weight: 5, dashArray: "9 5" }),
    ]).addTo(state.map);
  },

  leave() {
    if (this.row >= 0) state.group.closeTooltip();
    this.row = -1;
    this.show();
    state.map.getContainer().classList.remove("siteplan-roving");
  },

  // Where going through the parcels starts: at the last one selected, else nearest to the middle.
  start() {
    const last = rowOf(state.selected.at(-1));
    if (last !== undefined) return last;
    const middle = state.map.project(state.map.getCenter());
    let best = 0;
    let least = Infinity;
    for (let row = 0; row < count; row++) {
      const away = state.map.project(middleOf(row)).distanceTo(middle);
      if (away < least) [best, least] = [row, away];
    }
    return best;
  },

  step(by) {
    this.go(this.row < 0 ? this.start() : (this.row + by + count) % count);
  },
};

// With neither ring nor pointer, the parcel in the middle of the map is the one that Enter picks.
function parcelInTheMiddle() {
  const point = state.map.latLngToLayerPoint(state.map.getCenter());
  return state.layers.findIndex(
    (layer) => layer._pxBounds?.contains(point) && layer._containsPoint(point),
  );
}

function pickByKey(event) {
  const row = roving.row < 0 ? parcelInTheMiddle() : roving.row;
  if (row < 0) return;
  pick(row, adds(event));
  if (roving.row < 0) showTip(row);
}

// From the inside out: what was opened last goes first.
function escape() {
  if (!help.hidden) toggleHelp();
  else if (roving.row >= 0) roving.leave();
  else if (state.selected.length) choose([], false);
}

const MAP_KEYS = {
  Enter: pickByKey,
  n: () => roving.step(1),
  p: () => roving.step(-1),
  Home: () => roving.go(0),
  End: () => roving.go(count - 1),
  "/": () => state.search.open.click(),
  b: () => startTool(boxTool),
  m: () => startTool(measureTool),
  "?": () => toggleHelp(),
};

function listenToKeys(map) {
  const container = map.getContainer();
  container.addEventListener("keydown", (event) => {
    // Keyboards set to Korean tell letters by their place only.
    const letter = { KeyN: "n", KeyP: "p", KeyB: "b", KeyM: "m" }[event.code];
    if (event.key === "Escape" && !event.target.matches("input, select")) {
      escape();
      return;
    }
    const held = event.altKey || ((event.ctrlKey || event.metaKey) && event.key !== "Enter");
    const press = MAP_KEYS[letter ?? event.key];
    if (event.target !== container || held || !press) return;
    event.preventDefault();
    press(event);
  });
  container.addEventListener("blur", () => announce(""));
}

// ---------------------------------------------------------------- the list of keys

const help = element("div", "siteplan-help leaflet-bar");
help.hidden = true;

function addHelp(map) {
  const list = element("dl");
  for (const [keys, text] of settings.keys) {
    list.append(element("dt", "", keys), element("dd", "", text));
  }
  const close = button(words.close, toggleHelp);
  help.setAttribute("role", "dialog");
  help.setAttribute("aria-label", words.keys);
  help.append(element("strong", "", words.keys), list, close);
  L.DomEvent.disableClickPropagation(help);
  L.DomEvent.disableScrollPropagation(help);
  map.getContainer().append(help);
}

function toggleHelp() {
  help.hidden = !help.hidden;
  buttons.keys.setAttribute("aria-expanded", String(!help.hidden));
  if (help.hidden) state.map.getContainer().focus({ preventScroll: true });
  else help.querySelector("button").focus();
}
