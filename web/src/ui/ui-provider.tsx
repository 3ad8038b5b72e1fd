/** Mantine under weft's tokens: its names point at ours, so no component has colours of its own. */

import { type CSSVariablesResolver, createTheme, MantineProvider, type PopoverProps } from "@mantine/core";
import { lazy, type ReactNode, Suspense, useEffect } from "react";
import "@mantine/core/styles/baseline.css";
import "@mantine/core/styles/default-css-variables.css";
import "@mantine/core/styles/global.css";
import "@mantine/core/styles/UnstyledButton.css";
import "@mantine/core/styles/Paper.css";
import "@mantine/core/styles/Popover.css";
import "@mantine/core/styles/CloseButton.css";
import "@mantine/core/styles/Overlay.css";
import "@mantine/core/styles/ModalBase.css";
import "@mantine/core/styles/Modal.css";
import "@mantine/core/styles/Menu.css";
import "@mantine/core/styles/Tooltip.css";
import "./fonts.css";
import "./tokens.css";
import "./base.css";
import "./controls/controls.css";
import "./overlays/overlays.css";
import { useTheme } from "./theme";

const HoverTips = lazy(() => import("./overlays/hover-tips"));

/** Popovers stay within the page: they move to the side, and scroll if they are too high (`--w-room`). */
const IN_PAGE: PopoverProps["middlewares"] = {
  shift: { mainAxis: true, padding: 8 },
  size: {
    padding: 8,
    apply: ({ availableHeight, elements }) =>
      elements.floating.style.setProperty("--w-room", `${Math.floor(availableHeight)}px`),
  },
};
const POPS = { duration: 140, transition: "fade" } as const;

const theme = createTheme({
  fontFamily: "var(--w-font)",
  fontFamilyMonospace: "var(--w-mono)",
  defaultRadius: 5,
  cursorType: "pointer",
  respectReducedMotion: true,
  components: {
    Menu: {
      defaultProps: {
        transitionProps: POPS,
        middlewares: IN_PAGE,
        offset: 4,
        position: "bottom-start",
        // its first entry takes the focus: an element that is no entry has no place in a menu
        withInitialFocusPlaceholder: false,
      },
    },
    Popover: { defaultProps: { transitionProps: POPS, middlewares: IN_PAGE, offset: 4 } },
    Tooltip: {
      defaultProps: {
        openDelay: 350,
        transitionProps: { duration: 80, transition: "fade" },
        offset: 6,
        multiline: true,
      },
    },
    Modal: { defaultProps: { transitionProps: POPS, centered: true, overlayProps: { blur: 0 } } },
    // a dialog's head is no banner of the page
    ModalHeader: { defaultProps: { component: "div" } },
  },
});

const OURS: Record<string, string> = {
  "--mantine-color-body": "var(--w-bg)",
  "--mantine-color-text": "var(--w-text)",
  "--mantine-color-dimmed": "var(--w-muted)",
  "--mantine-color-default": "var(--w-surface)",
  "--mantine-color-default-hover": "var(--w-hover)",
  "--mantine-color-default-border": "var(--w-border)",
  "--mantine-color-default-color": "var(--w-text)",
  "--mantine-color-placeholder": "var(--w-muted)",
  "--mantine-color-error": "var(--w-danger)",
  "--mantine-color-anchor": "var(--w-accent)",
  "--mantine-primary-color-filled": "var(--w-focus)",
};
const resolver: CSSVariablesResolver = () => ({ variables: {}, light: OURS, dark: OURS });

export function UiProvider({ children }: { children: ReactNode }) {
  const shown = useTheme((state) => state.theme);
  useEffect(() => {
    const end = import("./browser/copied-numbers").then(({ copyNumbersForPrograms }) =>
      copyNumbersForPrograms(),
    );
    return () => void end.then((stop) => stop());
  }, []);
  return (
    <MantineProvider theme={theme} forceColorScheme={shown} cssVariablesResolver={resolver}>
      {children}
      <Suspense>
        <HoverTips />
      </Suspense>
    </MantineProvider>
  );
}
