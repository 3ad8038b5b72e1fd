/// <reference types="vitest/config" />
import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// `WEFT_BASE_URL` is the server that `npm run dev` asks; the build needs none.
const server = process.env.WEFT_BASE_URL ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  server: { proxy: { "/api": { target: server }, "/healthz": { target: server } } },
  build: {
    outDir: "../src/weft/server/web",
    emptyOutDir: true,
    target: "es2022",
    // fonts stay files: inlined they would be loaded before the first paint
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    // one file, 207 KB gzipped, of which every page needs most
    chunkSizeWarningLimit: 800,
  },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
