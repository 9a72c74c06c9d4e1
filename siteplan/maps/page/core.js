// The map document's own script: draws the parcels once, then only restyles them.
//
// These files are joined into one function (assets.py), so each sees what the others declare.
// Inside the app a parent page sends plans by postMessage (parent.js); a stand-alone file carries
// its plan in the data block "plan". Texts from files are shown with textContent only, never as
// HTML.

const block = (name) => {
  const element = document.getElementById(`siteplan-${name}`);
  return element ? JSON.parse(element.textContent) : null;
};

const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
const integers = (text) => new Int32Array(bytes(text).buffer);
// Whole numbers of a section; a section that was sent as it is starts its own buffer.
const whole = (section, Kind) => new Kind(section.buffer, section.byteOffset);

const settings = block("settings");
const words = settings.words;
const facts = block("parcels");
const notes = block("notes"); // row -> findings about that parcel, on the map of findings only
const count = facts.ids.length;

// Outlines as nested [latitude, longitude] arrays, one per parcel; see outlines.py.
function outlines({ steps, rings, polygons, parcels }) {
  const step = integers(steps);
  const perRing = integers(rings);
  const perPolygon = integers(polygons);
  let vertex = 0;
  let ring = 0;
  let polygon = 0;
  let lon = 0;
  let lat = 0;
  const readRing = () => {
    const line = new Array(perRing[ring++]);
    for (let i = 0; i < line.length; i++) {
      lon += step[vertex++];
      lat += step[vertex++];
      line[i] = [lat / 1e7, lon / 1e7];
    }
    return line;
  };
  const readPolygon = () => Array.from({ length: perPolygon[polygon++] }, readRing);
  return Array.from(integers(parcels), (length) => Array.from({ length }, readPolygon));
}

const state = {
  map: null,
  unseen: false, // the map has had no size yet, so that its view is not one to keep
  told: false, // where to look came from outside
  group: null, // all parcels
  layers: [], // row -> L.Polygon
  drawn: new Array(count).fill(""), // row -> key of the style that is on the canvas
  figures: new Map(), // row -> {gfa_m2: [..], far_permille, floors}
  before: null, // row -> floor area by use in the plan that is compared with
  missing: null, // rows of lots that the other plan does not have
  selected: [],
  theme: "light",
  legend: null,
  painted: null, // last message, for a change of theme
  labels: [],
  rowOf: null,
};

const ground = () => settings.ground[state.theme];
const element = (tag, className, text) => {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined && text !== null) made.textContent = text;
  return made;
};

const thousands = (value) => Math.round(value).toLocaleString("en-US");
const area = (m2) =>
  settings.pyeong
    ? `${thousands(m2)} m² (${thousands((m2 * 121) / 400)}평)`
    : `${thousands(m2)} m²`;
// A word of the page with its figures: "{count} parcels".
const fill = (text, figures) => text.replace(/\{(\w+)\}/g, (whole, name) => figures[name] ?? whole);

function button(text, press, className = "") {
  const made = element("button", className, text);
  made.type = "button";
  made.addEventListener("click", press);
  return made;
}

// A small drawing on a button; its paths are in a square of 20.
function icon(path) {
  const make = (tag, attributes) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    return made;
  };
  const drawing = make("svg", { viewBox: "0 0 20 20", "aria-hidden": "true" });
  drawing.append(make("path", { d: path }));
  return drawing;
}

// What a screen reader is told as it happens.
const announcer = element("div", "siteplan-spoken");
announcer.setAttribute("role", "status");
const announce = (text) => {
  announcer.textContent = text;
};
