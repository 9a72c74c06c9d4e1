// A frame that opened without a size is looked at from its first size on.
function resized(map) {
  map.invalidateSize({ animate: false });
  state.legend.reach();
  if (!state.unseen || !sized(map)) return;
  state.legend.unfold();
  if (!state.told) fitAll(map, { animate: false });
  state.unseen = false;
}

// The last call of the page: everything on the map that is not the map.

function start(map) {
  map.attributionControl?.setPrefix(false);
  map.boxZoom.disable(); // Shift and drag selects
  const plan = block("plan");
  const chooser = plan && new Chooser({ plan }).addTo(map);
  state.search = new Search().addTo(map);
  L.control
    .zoom({ position: "topleft", zoomInTitle: words.zoom_in, zoomOutTitle: words.zoom_out })
    .addTo(map);
  new Fit().addTo(map);
  new Tools().addTo(map);
  L.control.scale({ imperial: false, position: "bottomright" }).addTo(map);
  const layersButton = document.querySelector(".leaflet-control-layers-toggle");
  if (layersButton) layersButton.title = words.layers;
  state.legend = new Legend().addTo(map);
  if (!state.unseen) fitAll(map, { animate: false });
  addChosen(map);
  addHelp(map);
  addSheet(map);
  listenToKeys(map);
  listenForTools(map);
  listenForBoxes(map);
  // Not from Leaflet's own event, which leaves moves out.
  map.getContainer().addEventListener("mousemove", (event) => {
    tellSide(map.mouseEventToLatLng(event));
  });
  map.on("move", () => swipe.plan && renderers.parcels.redraw());
  map.on("zoomend overlayadd overlayremove", arrangeNames);
  new ResizeObserver(() => resized(map)).observe(map.getContainer());
  if (plan) showOwnPlan(plan, chooser);
  else nameParcels();
  arrangeNames();
  if (framed) listenToParent();
}
