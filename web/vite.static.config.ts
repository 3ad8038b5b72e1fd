import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { onePage, withoutParts } from "./scripts/static-page";

const path = (file: string) => fileURLToPath(new URL(file, import.meta.url));

/** The page of a report in a file of its own, which the server fills. */
export default defineConfig({
  plugins: [withoutParts(), react(), onePage()],
  resolve: { alias: { "@": path("src") } },
  define: { global: "globalThis", "process.env.NODE_ENV": '"production"' },
  publicDir: false,
  build: {
    outDir: "../src/weft/server/web/static",
    emptyOutDir: true,
    target: "es2022",
    // fonts are inside
    assetsInlineLimit: Number.POSITIVE_INFINITY,
    reportCompressedSize: false,
    lib: { entry: path("src/app/static/main.tsx"), formats: ["iife"], name: "weft" },
    chunkSizeWarningLimit: 3000,
  },
});
