// Copies the scripts that the app posts to the pages in public/frames.
import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = new URL("../", import.meta.url).pathname;
const OUT = join(ROOT, "../src/weft/server/web/frames");
const BOKEH = join(ROOT, "node_modules/@bokeh/bokehjs");

for (const name of ["bokeh", "bokeh-widgets", "bokeh-tables"])
  copyFileSync(join(BOKEH, `build/js/${name}.min.js`), join(OUT, `${name}.min.js`));
console.log(`frames: BokehJS ${JSON.parse(readFileSync(join(BOKEH, "package.json"), "utf8")).version}`);
