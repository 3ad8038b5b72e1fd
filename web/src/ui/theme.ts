/**
 * Theme and run palette: the person's choice, stored per browser and set on `<html>`.
 *
 * `index.html` does the same before the first paint; keep the two in step.
 */

import { create } from "zustand";
import { readStored, writeStored } from "./browser/stored";

export type ThemeChoice = "light" | "dark" | "system";
export type Palette = "std" | "safe";

interface ThemeState {
  readonly choice: ThemeChoice;
  readonly palette: Palette;
  /** The theme shown: `choice` with `system` resolved. */
  readonly theme: "light" | "dark";
  setChoice(choice: ThemeChoice): void;
  setPalette(palette: Palette): void;
}

const systemDark = window.matchMedia("(prefers-color-scheme: dark)");

function resolve(choice: ThemeChoice): "light" | "dark" {
  if (choice !== "system") return choice;
  return systemDark.matches ? "dark" : "light";
}

/** Of a share in a frame, the theme of the page around it: `/share/…?theme=dark`. */
function requestedTheme(): string | null {
  const { pathname, search } = window.location;
  return pathname.startsWith("/share/") ? new URLSearchParams(search).get("theme") : null;
}

function storedChoice(): ThemeChoice {
  const stored = requestedTheme() ?? readStored("theme");
  return stored === "light" || stored === "dark" ? stored : "system";
}

export const useTheme = create<ThemeState>((set) => ({
  choice: storedChoice(),
  palette: readStored("palette") === "safe" ? "safe" : "std",
  theme: resolve(storedChoice()),
  setChoice(choice) {
    writeStored("theme", choice);
    set({ choice, theme: resolve(choice) });
  },
  setPalette(palette) {
    writeStored("palette", palette);
    set({ palette });
  },
}));

useTheme.subscribe(({ theme, palette }) => {
  document.documentElement.dataset.theme = theme;
  document.documentElement.dataset.palette = palette;
});
systemDark.addEventListener("change", () => {
  useTheme.setState(({ choice }) => ({ theme: resolve(choice) }));
});
