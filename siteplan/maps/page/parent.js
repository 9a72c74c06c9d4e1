// The parent page: plans come in, what a person does goes out.
//
// Messages in:  {type: "siteplan:plan", seq, title, palette, legend, remark, selected, name,
//                scenario_id, total_gfa_m2, rules, index, rows, uses, gfa_m2, far_permille, floors
//                (Uint8Array, see message.py), theme?, view?, draw?, tiles_key?, against?,
//                before_rows?, before_uses?, before_gfa_m2?, before_none?, swipe?, swipe_index?}:
//                draw is the id of a parcel to draw a line across, or null
//               {type: "siteplan:theme", theme}
//               {type: "siteplan:view", center, zoom}: look there, as another map does
// Messages out: {type: "siteplan:ready"}, {type: "siteplan:drawn", seq, changed},
//               {type: "siteplan:click", parcel, additive},
//               {type: "siteplan:box", parcels, additive}: none and not additive clears,
//               {type: "siteplan:view", center, zoom, moving},
//               {type: "siteplan:line", points}: [longitude, latitude] each, none when given up

// A document with its own plan stands alone, even inside a frame.
const framed = window.parent !== window && !block("plan") && !block("share");
const MOST_FOLLOWED = 5000; // with more parcels, maps that move together do so at a move's end

// The app serves the page and this document, so both have one origin in their addresses, though
// the sandbox hides it from this document's own script.
function post(type, content) {
  if (framed) window.parent.postMessage({ type: `siteplan:${type}`, ...content }, location.origin);
}

let following = false;

// Look where another map looks, without telling it so.
function follow({ center, zoom }) {
  if (!Number.isFinite(zoom) || !center?.every(Number.isFinite)) return;
  state.told = true;
  following = true;
  state.map.stop();
  state.map.setView(center, zoom, { animate: false });
  following = false;
}

function listenToParent() {
  window.addEventListener("message", ({ source, origin, data }) => {
    if (source !== window.parent || origin !== location.origin) return;
    if (data?.type === "siteplan:plan") show(data);
    if (data?.type === "siteplan:theme") setTheme(data.theme);
    if (data?.type === "siteplan:view") follow(data);
  });
  const tell = (moving) => {
    if (following || sheet.before || state.unseen || !sized(state.map)) return;
    const { lat, lng } = state.map.getCenter();
    post("view", { center: [lat, lng], zoom: state.map.getZoom(), moving });
  };
  state.map.on("moveend", () => tell(false));
  if (count <= MOST_FOLLOWED) state.map.on("drag", () => tell(true));
  post("ready", {});
}

// A stand-alone file's own plan: shown, and its colourings offered.
function showOwnPlan(plan, chooser) {
  const figures = Object.fromEntries(
    Object.entries(plan.figures).map(([name, text]) => [name, bytes(text)]),
  );
  const chosenStyle = (key) => {
    const style = plan.styles.find(({ colour_by: by }) => by === key);
    show({ ...plan.words, ...style, ...figures, index: bytes(style.index) });
  };
  chooser.choose = chosenStyle;
  const dark = window.matchMedia?.("(prefers-color-scheme: dark)");
  if (dark?.matches) setTheme("dark");
  chosenStyle(plan.colour_by);
}
