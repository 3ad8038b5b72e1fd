/// <reference types="vitest/config" />
import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// `WEFT_BASE_URL` is the server that `npm run dev` asks; the build needs none.
const server = process.env.WEFT_BASE_URL ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react()],
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
    rolldownOptions: {
      output: {
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
              minShareCount: 4,
            },
          ],
        },
      },
    },
    // Vega is as large as it is, and comes with the first panel that needs it
    chunkSizeWarningLimit: 1000,
  },
  test: {
    // a test that ends has passed or failed, however busy the machine is
    testTimeout: 120_000,
    projects: [
      { extends: true, test: { name: "pure", include: ["src/**/*.test.ts"], environment: "node" } },
      {
        extends: true,
        test: {
          name: "components",
          include: ["src/**/*.test.tsx"],
          environment: "jsdom",
          setupFiles: "src/testing/browser.ts",
        },
      },
    ],
  },
});
