/** Actions of the command palette: the theme, the colors of runs, the link to the page, the shortcuts. */

import { useOpenShare } from "@/features/open-share";
import { copyText } from "@/ui/browser/copy-text";
import type { IconName } from "@/ui/signs/icons";
import { type ThemeChoice, useTheme } from "@/ui/theme";
import type { Entry } from "./entry";

const THEMES: readonly (readonly [ThemeChoice, IconName, string])[] = [
  ["light", "sun", "Light theme"],
  ["dark", "moon", "Dark theme"],
  ["system", "cpu", "Theme of the system"],
];

export function useActions(openShortcuts: () => void): Entry[] {
  const { choice, palette, setChoice, setPalette } = useTheme();
  const share = useOpenShare((state) => state.ofPage);
  const themes = THEMES.filter(([theme]) => theme !== choice).map(
    ([theme, icon, label]): Entry => ({
      id: `theme:${theme}`,
      icon,
      label,
      spans: [],
      choose: () => setChoice(theme),
    }),
  );
  return [
    ...(share
      ? [{ id: "share", icon: "send" as const, label: share.label, spans: [], choose: share.open }]
      : []),
    ...themes,
    {
      id: "palette",
      icon: "eye",
      label: palette === "safe" ? "Standard run colors" : "Color-blind-safe run colors",
      spans: [],
      choose: () => setPalette(palette === "safe" ? "std" : "safe"),
    },
    {
      id: "copy-link",
      icon: "link",
      label: "Copy link to this page",
      spans: [],
      choose: () => void copyText(window.location.href, "the link to this page"),
    },
    {
      id: "shortcuts",
      icon: "help",
      label: "Keyboard shortcuts",
      spans: [],
      keys: "?",
      choose: openShortcuts,
    },
  ];
}
