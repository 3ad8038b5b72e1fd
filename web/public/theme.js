// Runs before the first paint, so that neither theme flashes. A file of its own: no inline script is needed.
(() => {
  const root = document.documentElement;
  let theme = "system";
  let palette = "std";
  try {
    theme = localStorage.getItem("weft-theme") || theme;
    palette = localStorage.getItem("weft-palette") || palette;
  } catch {}
  const dark = theme === "dark" || (theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  root.dataset.theme = dark ? "dark" : "light";
  root.dataset.mantineColorScheme = root.dataset.theme;
  root.dataset.palette = palette;
})();
