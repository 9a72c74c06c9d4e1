// Tools that take the clicks, one at a time: cutting a lot, a box, measuring. And their buttons.
//
// A tool has: name; words for its label, hint and keys; point(latlng, additive), show(pointer);
// where they make sense finish(), cancel(), begin(), end(), buttons(), figure (the running figure).

let tool = null;

// Docked at the bottom of the map: Leaflet's own corners cover the lot on a narrow screen.
function toolBar(map) {
  const box = element("div", "siteplan-draw leaflet-bar");
  box.setAttribute("role", "toolbar");
  box.setAttribute("aria-label", words[tool.label]);
  const hint = element("p", "", words[tool.hint]);
  hint.setAttribute("role", "status");
  const row = element("div", "buttons");
  row.append(...(tool.buttons?.() ?? []), button(words[tool.ends ?? "draw_cancel"], cancelTool));
  if (tool.figure) box.append(tool.figure);
  box.append(hint, element("p", "quiet", words[tool.keys]), row);
  L.DomEvent.disableClickPropagation(box);
  L.DomEvent.disableScrollPropagation(box);
  map.getContainer().append(box);
  // What stands at the bottom of the map moves up by as much.
  map.getContainer().style.setProperty("--draw-bar", `${box.offsetHeight + 8}px`);
  return box;
}

function startTool(next) {
  endTool();
  const { map } = state;
  tool = next;
  tool.points = [];
  map.getContainer().classList.add("siteplan-drawing");
  map.doubleClickZoom.disable();
  if (tool === boxTool) {
    map.dragging.disable();
    map.getContainer().classList.add("siteplan-boxing");
  }
  state.group.closeTooltip();
  roving.leave();
  tool.bar = toolBar(map);
  map.getContainer().focus({ preventScroll: true });
  tool.begin?.();
  tool.show();
  pressButtons();
}

function endTool() {
  if (!tool) return;
  const { map } = state;
  const last = tool;
  tool = null;
  map.getContainer().classList.remove("siteplan-drawing", "siteplan-boxing");
  map.doubleClickZoom.enable();
  map.dragging.enable();
  last.bar.remove();
  last.layer?.remove();
  last.layer = null;
  last.end?.();
  pressButtons();
}

function cancelTool() {
  if (tool?.cancel) tool.cancel();
  else endTool();
}

// Shapes of a tool, and the points set so far.
function drawTool(of, shapes, points) {
  of.layer?.remove();
  const look = { interactive: false, renderer: renderers.selection, radius: 5, weight: 2,
    color: ground().selected, fillColor: ground().casing, fillOpacity: 1 };
  of.layer = L.layerGroup([...shapes, ...points.map((at) => L.circleMarker(at, look))]);
  of.layer.addTo(state.map);
}

function cased(line, { closed = false } = {}) {
  const quiet = { interactive: false, renderer: renderers.selection, fill: false };
  const shape = (look) => (closed ? L.polygon : L.polyline)(line, { ...quiet, ...look });
  return [
    shape({ color: ground().casing, weight: 7 }),
    shape({ color: ground().selected, weight: 3, dashArray: "8 5" }),
  ];
}

// The second click of a double click falls on the first.
function repeats(points, at) {
  const last = points.at(-1);
  const { map } = state;
  return last && map.latLngToContainerPoint(last).distanceTo(map.latLngToContainerPoint(at)) < 4;
}

function dropPoint() {
  tool.points.pop();
  tool.show();
}

const TOOL_KEYS = {
  Enter: () => tool.finish?.(),
  Escape: cancelTool,
  Backspace: dropPoint,
  " ": () => tool.point(state.map.getCenter()),
};

function listenForTools(map) {
  map.on("click", ({ latlng, originalEvent }) => tool?.point(latlng, adds(originalEvent)));
  map.on("dblclick", () => tool?.finish?.());
  // Parcels keep their events from the map.
  state.group.on("dblclick", () => tool?.finish?.());
  map.getContainer().addEventListener("mousemove", (event) => {
    if (tool && !event.target.closest(".leaflet-bar")) tool.show(map.mouseEventToLatLng(event));
  });
  document.addEventListener("keydown", (event) => {
    const press = tool && TOOL_KEYS[event.key];
    const own = event.target.closest("button, input, select, summary, a");
    // Buttons and fields keep their own keys.
    if (!press || (own && (event.key !== "Escape" || own.matches("input")))) return;
    event.preventDefault();
    event.stopPropagation();
    press();
  }, true);
}

// ---------------------------------------------------------------- buttons

const ICONS = {
  box: "M3 6V3h3m3 0h2m3 0h3v3m0 3v2m0 3v3h-3m-3 0h-2m-3 0H3v-3m0-3V9",
  measure: "M2 14 14 2l4 4L6 18zM5 11l2 2m1-5 3 3m0-6 2 2",
  print: "M6 7V3h8v4M6 14H3V7h14v7h-3M6 11h8v6H6z",
  keys: "M7.5 7.5a2.5 2.5 0 1 1 3.6 2.3c-.8.4-1.1.8-1.1 1.9m0 2.8v.4",
  search: "M8.5 3a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11m4 9.5L17 17",
};
const buttons = {};

const Tools = L.Control.extend({
  options: { position: "topleft" },

  onAdd() {
    const box = element("div", "siteplan-tools leaflet-bar");
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", words.tools);
    const uses = {
      box: () => (tool === boxTool ? endTool() : startTool(boxTool)),
      measure: () => (tool === measureTool ? endTool() : startTool(measureTool)),
      print: printMap,
      keys: toggleHelp,
    };
    for (const [name, press] of Object.entries(uses)) {
      const made = button("", press);
      made.title = words[name];
      made.setAttribute("aria-label", words[name]);
      made.append(icon(ICONS[name]));
      buttons[name] = made;
      box.append(made);
    }
    buttons.keys.setAttribute("aria-expanded", "false");
    pressButtons();
    L.DomEvent.disableClickPropagation(box);
    return box;
  },
});

function pressButtons() {
  for (const name of ["box", "measure"]) {
    if (!buttons[name]) continue;
    buttons[name].setAttribute("aria-pressed", String(tool?.name === name));
    // While the parent page waits for a line, nothing else takes the clicks.
    buttons[name].disabled = tool === cutTool;
  }
}
