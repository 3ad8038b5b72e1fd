/** The frame around every page: rail, top bar, messages, command palette, shortcuts. */

import { Outlet } from "@tanstack/react-router";
import { lazy, Suspense, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { takeBackAct, undoOf } from "@/features/last-act";
import { usePageStatus } from "@/features/page-status";
import { EarlyKeys, type EarlyText } from "@/ui/keys/early-keys";
import { useEarlyMenuKeys } from "@/ui/keys/early-menu-keys";
import { isMod } from "@/ui/keys/key-hint";
import { isPageKey } from "@/ui/keys/page-keys";
import { loadDialogWindow } from "@/ui/overlays/dialog";
import { Toasts } from "@/ui/overlays/toasts";
import { useIdleLoad } from "@/ui/parts/later";
import { useNamedEntity } from "./own-entity";
import { PageGate } from "./page-gate";
import { usePageRoute } from "./page-route";
import { Rail } from "./rail";
import { SightBar } from "./sight-bar";
import { TopBar } from "./top-bar";
import "./shell.css";

const loadPalette = () => import("./palette/palette");
const Palette = lazy(() => loadPalette().then((file) => ({ default: file.Palette })));
const ShortcutsSheet = lazy(() => import("./shortcuts-sheet"));

type Kind = "palette" | "shortcuts";

/**
 * An overlay over the page. `turn`: one more each time, so that what is still fading out does not hold up the next.
 */
interface Overlay {
  readonly kind: Kind;
  readonly turn: number;
}

export function Shell() {
  const [overlay, setOverlay] = useState<Overlay | null>(null);
  const typed = useRef<EarlyText>({ text: "", isEntered: false });
  const open = useCallback((kind: Kind) => {
    typed.current = { text: "", isEntered: false };
    setOverlay((now) => ({ kind, turn: (now?.turn ?? 0) + 1 }));
  }, []);
  const close = (turn: number) => setOverlay((now) => (now?.turn === turn ? null : now));
  const closeAny = useCallback(() => setOverlay(null), []);
  useOverlayKeys(open);
  useEarlyMenuKeys();
  usePreloadedPalette();
  useIdleLoad(loadDialogWindow);
  usePageTitle();
  useNamedEntity();
  return (
    <div className="app">
      <a className="skip" href="#page">
        Skip to the page
      </a>
      <SightBar />
      <Rail />
      <TopBar
        onSearch={() => open("palette")}
        onNearSearch={preloadPalette}
        onHelp={() => open("shortcuts")}
      />
      <div className="page" id="page" tabIndex={-1}>
        <PageGate>
          <Outlet />
        </PageGate>
      </div>
      <Toasts />
      <Suspense fallback={overlay?.kind === "palette" && <EarlyKeys typed={typed} onClose={closeAny} />}>
        {overlay?.kind === "palette" && (
          <Palette
            key={overlay.turn}
            typedBefore={typed}
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
  // with the page: a key that is pressed as soon as it is seen counts
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (isMod(event) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "k") {
        event.preventDefault();
        open("palette");
      } else if (event.key === "?" && isPageKey(event)) {
        open("shortcuts");
      } else if (undoOf(event) === "undo" && !event.defaultPrevented && takeBackAct()) {
        // on pages without a view, whose own undo comes first
        event.preventDefault();
      }
    };
    // not of the document: the listeners of pages, which are added later, come before it
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [open]);
}

/** If this fails, the palette is loaded when it is opened. */
function preloadPalette(): void {
  void loadPalette().catch(() => undefined);
}

/** Loads the palette with the first key of Ctrl K, so that the second one opens it at once. */
function usePreloadedPalette(): void {
  useEffect(() => {
    const onKey = ({ key }: KeyboardEvent) => {
      if (key === "Control" || key === "Meta") preloadPalette();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
}

/** Of pages without a project, in the browser's tab. */
const PAGE_NAMES: Readonly<Record<string, string>> = {
  home: "Home",
  projects: "Projects",
  docs: "Documents",
};

function usePageTitle(): void {
  const { project, run, page } = usePageRoute();
  const title = usePageStatus((status) => status.title) ?? run;
  const pageName = project?.project ?? PAGE_NAMES[page] ?? null;
  useEffect(() => {
    document.title = [title, pageName, "weft"].filter(Boolean).join(" · ");
  }, [title, pageName]);
}
