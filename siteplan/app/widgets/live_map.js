// Mounts the map document in an iframe, once, and sends it each plan.
//
// Streamlit calls the default export after every rerun whose data differ, always with the same
// parent element. What must live longer is kept per parent element here.

const mounted = new WeakMap();
// Last view by place, kept while the page lives: it survives a change of page or language.
const views = new Map();
// Maps of a group look at the same place: group -> what keeps each of them.
const groups = new Map();
const RETRY_MS = 2500;
const RETRIES = 4;

// The app's own address, e.g. "/" or "/plans/": read off Streamlit's script, which is right also
// behind a proxy or below a base path.
function appRoot() {
  const script = document.querySelector('script[src*="static/js/"]');
  return script ? script.src.slice(0, script.src.lastIndexOf("static/js/")) : document.baseURI;
}

function themeOf(element) {
  const colour = getComputedStyle(element).getPropertyValue("--st-background-color").trim();
  const probe = document.createElement("canvas").getContext("2d");
  probe.fillStyle = "#ffffff";
  probe.fillStyle = colour;
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(probe.fillStyle.slice(at, at + 2), 16));
  return 0.299 * red + 0.587 * green + 0.114 * blue < 128 ? "dark" : "light";
}

// See message.py: length of the head, the head, the sections.
function unpack(data) {
  const start = 4 + new DataView(data.buffer, data.byteOffset).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(data.subarray(4, start)));
  let from = start;
  for (const [name, length] of head.sections) {
    head.plan[name] = data.slice(from, from + length);
    from += length;
  }
  return head;
}

const same = (a, b) => a.length === b.length && a.every((byte, at) => byte === b[at]);

function mount(parentElement) {
  const frame = document.createElement("iframe");
  frame.setAttribute("sandbox", "allow-scripts allow-modals"); // modals: the print dialog
  frame.style.cssText = "display:block;width:100%;border:0;border-radius:8px;";
  const notice = document.createElement("p");
  notice.setAttribute("role", "alert");
  notice.hidden = true;
  parentElement.append(frame, notice);
  const live = { frame, notice, ready: false, seq: 0, tries: 0, path: null, timer: 0 };

  live.load = () => {
    live.ready = false;
    const again = live.tries ? `?again=${live.tries}` : "";
    frame.src = new URL(live.path + again, appRoot()).href;
    clearTimeout(live.timer);
    live.timer = setTimeout(live.retry, RETRY_MS * (live.tries + 1));
  };
  // A server that was restarted has the document again after the next rerun.
  live.retry = () => {
    if (live.ready || !frame.isConnected) return;
    live.tries += 1;
    if (live.tries > RETRIES) notice.hidden = false;
    else live.load();
  };
  live.send = () => {
    if (!live.ready) return;
    live.seq += 1;
    const { plan, theme, draw } = live;
    const message = { type: "siteplan:plan", seq: live.seq, theme, draw, ...plan };
    if (live.tilesKey) message.tiles_key = live.tilesKey;
    if (live.view) message.view = live.view;
    live.view = null;
    // The sandboxed document has no origin that could be named here.
    frame.contentWindow.postMessage(message, "*");
  };
  live.listen = ({ source, data }) => {
    if (source !== frame.contentWindow || typeof data?.type !== "string") return;
    if (data.type === "siteplan:ready") {
      live.ready = true;
      live.tries = 0;
      notice.hidden = true;
      live.view = views.get(live.group ?? live.place) ?? null;
      live.send();
    } else if (data.type === "siteplan:drawn") {
      frame.dataset.drawnSeq = data.seq;
      frame.dataset.drawnChanged = data.changed;
      frame.dataset.drawnScenario = live.plan.scenario_id;
    } else if (data.type === "siteplan:click") {
      live.clicked({ parcel: String(data.parcel), additive: Boolean(data.additive) });
    } else if (data.type === "siteplan:box") {
      live.boxed({ parcels: Array.from(data.parcels, String), additive: Boolean(data.additive) });
    } else if (data.type === "siteplan:line") {
      const number = (value) => (Number.isFinite(value) ? value : null);
      live.drawn({ points: Array.from(data.points, ([lon, lat]) => [number(lon), number(lat)]) });
    } else if (data.type === "siteplan:view") {
      live.lead({ center: data.center, zoom: data.zoom });
    }
  };
  // Keep the view, and let the others of the group look there too.
  live.lead = (view) => {
    views.set(live.group ?? live.place, view);
    for (const other of groups.get(live.group) ?? []) {
      if (other === live || !other.ready) continue;
      other.frame.contentWindow?.postMessage({ type: "siteplan:view", ...view }, "*");
    }
  };
  live.join = (group) => {
    if (group === live.group) return;
    groups.get(live.group)?.delete(live);
    live.group = group;
    if (!group) return;
    if (!groups.has(group)) groups.set(group, new Set());
    groups.get(group).add(live);
  };
  window.addEventListener("message", live.listen);
  return live;
}

export default function ({ data, parentElement, setTriggerValue }) {
  let live = mounted.get(parentElement);
  if (!live) {
    live = mount(parentElement);
    mounted.set(parentElement, live);
  }
  const { frame, notice } = live;
  live.clicked = (event) => setTriggerValue("clicked", event);
  live.boxed = (event) => setTriggerValue("boxed", event);
  live.drawn = (event) => setTriggerValue("line", event);
  const theme = themeOf(parentElement.host ?? parentElement);
  if (!live.data || live.theme !== theme || !same(live.data, data)) {
    live.data = data;
    live.theme = theme;
    const { plan, path, place, draw, title, failed, height_px: height, ...more } = unpack(data);
    live.plan = plan;
    live.draw = draw;
    live.place = place;
    live.tilesKey = more.tiles_key;
    live.join(more.group ?? null);
    frame.title = title;
    // On a tall screen the map takes part of what is free.
    frame.style.height = `clamp(${height}px, 62vh, ${1.7 * height}px)`;
    notice.textContent = failed;
    if (live.path === path) {
      live.send();
    } else {
      live.path = path;
      live.tries = 0;
      live.load();
    }
  }
  // Streamlit may also call this for a run that a newer one has overtaken: let go only of a frame
  // that is off the page.
  return () =>
    setTimeout(() => {
      if (frame.isConnected) return;
      window.removeEventListener("message", live.listen);
      clearTimeout(live.timer);
      live.join(null);
    }, 1000);
}
