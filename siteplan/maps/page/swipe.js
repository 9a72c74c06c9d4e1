// Two plans in one map, either side of a divider: the parcels are drawn twice on the one canvas,
// each time clipped to its side.

const swipe = {
  plan: null, // what the right side shows: {name, palette, legend, index}
  looks: null,
  at: 0.5, // of the map's width
  bar: null,

  // The map's x of the divider, in pixels.
  x: () => Math.round(swipe.at * state.map.getSize().x),

  // Whether a place on the screen is on the side of the other plan.
  isRight: (latlng) => Boolean(swipe.plan) && state.map.latLngToContainerPoint(latlng).x > swipe.x(),

  optionsOf: ({ options, siteplanRow: row }) =>
    Object.assign(Object.create(options), swipe.looks[swipe.plan.index[row]]),
};

function setSwipe(plan) {
  const { swipe: other, swipe_index: index } = plan;
  swipe.plan = other && index ? { ...other, index } : null;
  swipe.bar?.remove();
  swipe.bar = null;
  if (!swipe.plan) return;
  swipe.looks = looksOf(other.palette);
  swipe.bar = divider(plan.name, other.name);
  state.map.getContainer().append(swipe.bar);
  placeDivider();
}

function placeDivider() {
  swipe.bar.style.left = `${swipe.at * 100}%`;
  swipe.handle.setAttribute("aria-valuenow", String(Math.round(swipe.at * 100)));
}

function moveDivider(at) {
  swipe.at = Math.min(Math.max(at, 0), 1);
  placeDivider();
  renderers.parcels.redraw();
}

function divider(left, right) {
  const bar = element("div", "siteplan-divider");
  const handle = (swipe.handle = element("div", "handle", "◂ ▸"));
  const attributes = { role: "slider", tabindex: "0", "aria-label": words.divider,
    "aria-valuemin": "0", "aria-valuemax": "100", title: words.divider };
  for (const [name, value] of Object.entries(attributes)) handle.setAttribute(name, value);
  const place = ({ clientX }) => {
    const { left: start, width } = state.map.getContainer().getBoundingClientRect();
    return (clientX - start) / width;
  };
  let from = null;
  handle.addEventListener("pointerdown", (event) => {
    from = event.clientX;
    handle.setPointerCapture(event.pointerId);
    event.stopPropagation();
  });
  handle.addEventListener("pointermove", (event) => {
    if (from !== null && handle.hasPointerCapture(event.pointerId)) moveDivider(place(event));
  });
  handle.addEventListener("pointerup", (event) => {
    // A tap goes on by a quarter, for who cannot drag.
    if (Math.abs(event.clientX - from) < 3) moveDivider(swipe.at > 0.74 ? 0.25 : swipe.at + 0.25);
    from = null;
  });
  const steps = { ArrowLeft: -0.02, ArrowRight: 0.02, PageDown: -0.2, PageUp: 0.2, Home: -1, End: 1 };
  handle.addEventListener("keydown", (event) => {
    if (!(event.key in steps)) return;
    event.preventDefault();
    event.stopPropagation();
    moveDivider(swipe.at + steps[event.key]);
  });
  bar.append(element("span", "left", left || words.sheet), handle, element("span", "right", right || words.sheet));
  L.DomEvent.disableClickPropagation(bar);
  return bar;
}
