// On paper: one sheet A4 landscape with title, map, scale bar, north arrow, legend, the plan's id
// and the caution about schematic outlines.

const sheet = {
  head: element("header", "siteplan-sheet"),
  side: element("aside", "siteplan-sheet"),
  foot: element("footer", "siteplan-sheet"),
  before: null, // how the screen was
  stills: [],
  asked: false,
};

function fillSheet() {
  const plan = state.painted ?? {};
  sheet.head.replaceChildren(
    element("h1", "", plan.name || words.sheet),
    element("p", "", plan.title ?? ""),
  );
  const list = element("ul");
  if (plan.legend) list.append(...legendEntries(plan));
  sheet.side.replaceChildren(element("h2", "", plan.title ?? words.legend), list);
  if (plan.remark) sheet.side.append(element("p", "remark", plan.remark));
  const schematic = sum(facts.schematic);
  const line = [];
  if (plan.total_gfa_m2 !== undefined) line.push(`${words.total} ${area(plan.total_gfa_m2)}`);
  if (plan.scenario_id) line.push(`${words.scenario} ${plan.scenario_id}`);
  if (plan.rules) line.push(`${words.rules} ${plan.rules}`);
  line.push(`siteplan ${settings.version}`);
  line.push(new Date().toLocaleDateString(document.documentElement.lang));
  sheet.foot.replaceChildren();
  if (schematic) {
    const figures = { count: thousands(schematic), all: thousands(count) };
    sheet.foot.append(element("p", "caution", fill(words.caution, figures)));
  }
  sheet.foot.append(element("p", "", line.join(" · ")));
}

// A frame inside another page is laid out for paper only when its own button asked for it.
function beforePrint() {
  if (sheet.before || (window.parent !== window && !sheet.asked)) return;
  const { map } = state;
  sheet.before = { theme: state.theme, center: map.getCenter(), zoom: map.getZoom(),
    retina: L.Browser.retina };
  const all = L.latLngBounds(settings.bounds);
  const seen = map.getBounds().contains(all) ? all : map.getBounds();
  endTool();
  roving.leave();
  setTheme("light");
  fillSheet();
  document.documentElement.classList.add("siteplan-print");
  L.Browser.retina = true; // twice the pixels
  map.invalidateSize({ animate: false, pan: false });
  map.fitBounds(seen, { animate: false });
  redrawAll();
  sheet.stills = Object.values(renderers).filter((renderer) => renderer._map).map(still);
}

function afterPrint() {
  if (!sheet.before) return;
  const { theme, center, zoom, retina } = sheet.before;
  sheet.before = null;
  sheet.asked = false;
  document.documentElement.classList.remove("siteplan-print");
  for (const picture of sheet.stills) picture.remove();
  L.Browser.retina = retina;
  setTheme(theme);
  state.map.invalidateSize({ animate: false, pan: false });
  state.map.setView(center, zoom, { animate: false });
  redrawAll();
}

// Chrome prints what a canvas was told just now step by step, and the step that empties the canvas
// would wipe the paper. So pictures of the canvases are printed.
function still({ _container: canvas }) {
  const picture = element("img", "siteplan-still leaflet-zoom-animated");
  picture.alt = "";
  picture.src = canvas.toDataURL();
  picture.style.cssText = canvas.style.cssText;
  canvas.after(picture);
  return picture;
}

function redrawAll() {
  for (const renderer of Object.values(renderers)) {
    if (renderer._map) renderer._update();
  }
  nameParcels();
  arrangeNames();
}

function printMap() {
  sheet.asked = true;
  window.print();
}

// The file for stakeholders lays its own page out.
function addSheet(map) {
  if (block("share")) return;
  const north = element("div", "siteplan-north");
  const needle = icon("M10 1 15 17 10 14 5 17z");
  north.append(needle, element("span", "", words.north));
  map.getContainer().append(north);
  document.body.prepend(sheet.head);
  map.getContainer().after(sheet.side, sheet.foot);
  window.addEventListener("beforeprint", beforePrint);
  window.addEventListener("afterprint", afterPrint);
}
