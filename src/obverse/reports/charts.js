// Draws the charts in the colours of the page, and again when these change.
"use strict";
(() => {
  const { themes, panels } = JSON.parse(document.getElementById("charts").textContent);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const drawn = new Map();

  async function draw(place) {
    const theme = dark.matches ? "dark" : "light";
    if (drawn.get(place)?.theme === theme) return;
    drawn.get(place)?.embedded.finalize();
    const embedded = await vegaEmbed(place, panels[place.dataset.chart], {
      mode: "vega-lite",
      renderer: "svg",
      actions: false,
      // Expressions are interpreted: the page's policy allows no code made from text.
      ast: true,
      config: themes[theme],
      tooltip: { theme },
    });
    drawn.set(place, { theme, embedded });
  }

  // A hidden chart has no width to fit, so it is drawn when it is first shown.
  async function drawVisible() {
    for (const place of document.querySelectorAll("[data-chart]")) {
      if (!place.closest("[hidden], details:not([open])")) await draw(place);
    }
    document.documentElement.dataset.charts = "drawn";
  }

  for (const input of document.querySelectorAll("input[name=unit]")) {
    input.addEventListener("change", () => {
      for (const part of document.querySelectorAll("[data-unit]")) {
        part.hidden = part.dataset.unit !== input.value;
      }
      drawVisible();
    });
  }
  for (const details of document.querySelectorAll("details:has([data-chart])")) {
    details.addEventListener("toggle", drawVisible);
  }
  dark.addEventListener("change", drawVisible);
  drawVisible();
})();
