/**
 * The frame around every page: rail, top bar, messages, command palette, shortcuts.
 */

import { Outlet } from "@tanstack/react-router";
import { lazy, Suspense, useCallback, useEffect, useState } from "react";
import { usePageStatus } from "@/features/page-status";
import { isMod } from "@/ui/key-hint";
import { Toasts } from "@/ui/toasts";
import { usePlace } from "./place";
import { Rail } from "./rail";
import { TopBar } from "./top-bar";
import "./shell.css";

const Palette = lazy(() => import("./palette/palette").then((file) => ({ default: file.Palette })));
const ShortcutsSheet = lazy(() =>
  import("./shortcuts-sheet").then((file) => ({ default: file.ShortcutsSheet })),
);

type Kind = "palette" | "shortcuts";

/** What lies over the page. `turn`: one more each time, so that what is still fading out does not hold up the next. */
interface Overlay {
  readonly kind: Kind;
  readonly turn: number;
}

export function Shell() {
  const [overlay, setOverlay] = useState<Overlay | null>(null);
  const open = useCallback((kind: Kind) => setOverlay((now) => ({ kind, turn: (now?.turn ?? 0) + 1 })), []);
  const close = (turn: number) => setOverlay((now) => (now?.turn === turn ? null : now));
  useOverlayKeys(open);
  usePageTitle();
  return (
    <div className="app">
      <a className="skip" href="#page">
        Skip to the page
      </a>
      <Rail />
      <TopBar onSearch={() => open("palette")} onHelp={() => open("shortcuts")} />
      <div className="page" id="page" tabIndex={-1}>
        <Outlet />
      </div>
      <Toasts />
      <Suspense>
        {overlay?.kind === "palette" && (
          <Palette
            key={overlay.turn}
            onClose={() => close(overlay.turn)}
            onShortcuts={() => open("shortcuts")}
          />
        )}
        {overlay?.kind === "shortcuts" && (
          <ShortcutsSheet key={overlay.turn} onClose={() => close(overlay.turn)} />
        )}
      </Suspense>
    </div>
  );
}

function useOverlayKeys(open: (kind: Kind) => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const isTyping = (event.target as HTMLElement).matches("input, textarea, [contenteditable]");
      if (isMod(event) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "k") {
        event.preventDefault();
        open("palette");
      } else if (event.key === "?" && !isTyping) {
        open("shortcuts");
      }
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [open]);
}

function usePageTitle(): void {
  const { project, run, isProjectList } = usePlace();
  const title = usePageStatus((status) => status.title) ?? run;
  const place = project?.project ?? (isProjectList ? "Projects" : "Home");
  useEffect(() => {
    document.title = [title, place, "weft"].filter(Boolean).join(" · ");
  }, [title, place]);
}
