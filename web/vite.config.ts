/// <reference types="vitest/config" />
import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { CHUNKS, FIRST_CHUNKS } from "./scripts/chunks";
import { earlyLoad } from "./scripts/early-load";

// `WEFT_BASE_URL` is the server that `npm run dev` asks; the build needs none.
const server = process.env.WEFT_BASE_URL ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react(), earlyLoad()],
  resolve: {
    alias: {
      "@": fileURLToPath(new URL("./src", import.meta.url)),
      // Plotly's name for the package, which Node's own `buffer` would hide
      "buffer/": fileURLToPath(import.meta.resolve("buffer/index.js")),
      // Plotly's core imports the style of maps, which are not drawn
      "maplibre-gl/dist/maplibre-gl.css": "data:text/javascript,",
    },
  },
  // what some of Plotly's packages call the window
  define: { global: "globalThis" },
  server: {
    proxy: {
      "/api": { target: server },
      "/healthz": { target: server },
      "^/docs/.*\\.\\w+$": { target: server },
    },
  },
  build: {
    outDir: "../src/weft/server/web",
    emptyOutDir: true,
    target: "es2022",
    // fonts stay files: inlined they would be loaded before the first paint
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    // the notices of what is in the bundle; the bill of materials of a release is made of it
    license: { fileName: "licenses.json" },
    rolldownOptions: {
      output: {
        // V8 compiles these on another thread while they load, not function by function before the first paint
        postBanner: ({ name }) => (FIRST_CHUNKS.has(name) ? "//# allFunctionsCalledOnLoad" : ""),
        codeSplitting: { groups: CHUNKS },
      },
    },
    // Vega and Plotly are as large as they are, and come with the first panel that needs them
    chunkSizeWarningLimit: 1500,
  },
  test: {
    // a test that ends has passed or failed, however busy the machine is
    testTimeout: 120_000,
    // the files of a worker share its modules, whose import takes longer than most tests: a second worker would
    // import all of them again. What a test changes it puts back, or another one fails
    maxWorkers: 1,
    isolate: false,
    // a test reads it as text; of others there is nothing to see without a page
    css: { include: /\/tokens\.css/ },
    projects: [
      {
        extends: true,
        test: {
          name: "pure",
          include: ["src/**/*.test.ts"],
          environment: "node",
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "components",
          include: ["src/**/*.test.tsx"],
          environment: "jsdom",
          setupFiles: "src/testing/browser.ts",
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
