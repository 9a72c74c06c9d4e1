// Legend, choice of colouring (stand-alone file), and the button that shows all parcels.

function swatch({ fill: plain, stroke, opacity, hatch: over, ink }) {
  const colour = element("span", "swatch");
  const inside = element("span");
  inside.style.backgroundColor = plain;
  inside.style.opacity = opacity;
  if (over) inside.style.backgroundImage = `url(${hatch(over, ink)[0].toDataURL()})`;
  colour.style.borderColor = stroke ?? ground().parcel;
  colour.append(inside);
  return colour;
}

const legendEntries = ({ legend, palette }) =>
  legend.map(([row, text, note]) => {
    const entry = element("li");
    entry.append(swatch(palette[row]), element("span", "text", text));
    if (note) entry.append(element("span", "note", note));
    return entry;
  });

const Legend = L.Control.extend({
  options: { position: "bottomleft" },

  onAdd() {
    const box = element("details", "siteplan-legend leaflet-bar");
    this.box = box;
    this.unfold();
    this.heading = element("summary", "", words.legend);
    this.entries = element("ul");
    this.remark = element("p", "remark");
    box.append(this.heading, this.entries, this.remark);
    box.addEventListener("toggle", () => this.reach());
    L.DomEvent.disableClickPropagation(box);
    L.DomEvent.disableScrollPropagation(box);
    return box;
  },

  // Where there is room.
  unfold() {
    this.box.open = window.innerWidth > 600;
  },

  // In pixels, whatever the colours come to say.
  widest() {
    const { maxWidth, paddingLeft, paddingRight } = getComputedStyle(this.box);
    return [maxWidth, paddingLeft, paddingRight].map(parseFloat).reduce((all, px) => all + px);
  },

  show(plan) {
    this.heading.textContent = plan.title;
    this.entries.replaceChildren(...legendEntries(plan));
    if (plan.swipe) {
      const heading = (text) => element("li", "plan", text || words.sheet);
      this.entries.prepend(heading(plan.name));
      this.entries.append(heading(plan.swipe.name), ...legendEntries(plan.swipe));
    }
    this.remark.textContent = plan.remark ?? "";
    this.reach();
  },

  // A list that scrolls is scrolled by keyboard too; one that does not is no stop for Tab.
  reach() {
    const { scrollHeight, clientHeight } = this.entries;
    if (scrollHeight > clientHeight) this.entries.tabIndex = 0;
    else this.entries.removeAttribute("tabindex");
  },
});

// Stand-alone file only: what the colours say is chosen on the map itself.
const Chooser = L.Control.extend({
  options: { position: "topleft" },

  onAdd() {
    const { plan } = this.options;
    const box = element("label", "siteplan-chooser leaflet-bar");
    if (plan.name) box.append(element("strong", "", plan.name));
    const select = element("select");
    select.setAttribute("aria-label", words.colour_by);
    for (const { colour_by: key, title } of plan.styles) {
      const option = element("option", "", title);
      option.value = key;
      option.selected = key === plan.colour_by;
      select.append(option);
    }
    select.addEventListener("change", () => this.choose(select.value));
    box.append(element("span", "", words.colour_by), select);
    L.DomEvent.disableClickPropagation(box);
    return box;
  },
});

const Fit = L.Control.extend({
  options: { position: "topleft" },

  onAdd() {
    const box = element("div", "leaflet-bar");
    const button = element("a", "siteplan-fit", "⤢");
    button.href = "#";
    button.title = words.fit;
    button.setAttribute("role", "button");
    button.setAttribute("aria-label", words.fit);
    L.DomEvent.on(button, "click", (event) => {
      L.DomEvent.stop(event);
      fitAll(state.map);
    });
    box.append(button);
    return box;
  },
});
