/// <reference types="vitest/config" />
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { earlyLoad } from "./scripts/early-load";

// `WEFT_BASE_URL` is the server that `npm run dev` asks; the build needs none.
const server = process.env.WEFT_BASE_URL ?? "http://127.0.0.1:8080";

/** The scripts of Home and of a workspace, most of whose functions run before the first paint. */
const FIRST_SCRIPTS = new Set(["index", "frame", "shared", "first", "board", "workspace", "home"]);

export default defineConfig({
  plugins: [react(), earlyLoad()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
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
        postBanner: ({ name }) => (FIRST_SCRIPTS.has(name) ? "//# allFunctionsCalledOnLoad" : ""),
        // each chunk is a request, through an SSH tunnel a slow one: what several pages share is one file
        codeSplitting: {
          groups: [
            {
              name: "frame",
              test: /node_modules[\\/](react|react-dom|scheduler|@mantine|@floating-ui|@tanstack|zustand|clsx)[\\/]/,
            },
            {
              name: "shared",
              test: /src[\\/](ui|data|api|charts[\\/](axis|line|raster))[\\/]/,
              minShareCount: 6,
            },
            {
              // what the frame of all pages takes from the parts of the next group
              name: "first",
              test: /preload-helper|src[\\/](features[\\/](last-act|open-share)|panels[\\/](plot[\\/]plot\.|frame[\\/].*\.css)|charts[\\/]spark\.|ui[\\/](theme|controls[\\/](icon-button|copy-button)))/,
            },
            {
              // what pages with panels or lists of runs share, and Home does without
              name: "board",
              test: /node_modules[\\/](@dnd-kit|fflate)[\\/]|src[\\/](features[\\/](board|view|runs[\\/](?!empty))|panels[\\/](frame[\\/].*\.tsx?|line)|data[\\/]board)[\\/]/,
              minShareCount: 3,
            },
          ],
        },
      },
    },
    // Vega and Plotly are as large as they are, and come with the first panel that needs them
    chunkSizeWarningLimit: 1500,
  },
  test: {
    // a test that ends has passed or failed, however busy the machine is
    testTimeout: 120_000,
    // by default all cores but one; a test in jsdom waits a third of its time
    maxWorkers: availableParallelism() + 1,
    // the files of a worker share its modules, whose import takes longer than most tests; what a test changes it
    // puts back, or another one fails
    isolate: false,
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
