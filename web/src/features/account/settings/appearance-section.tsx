/** `/settings/appearance`: how this browser shows the app. */

import { SegmentedControl } from "@/ui/controls/segmented-control";
import { type Palette, type ThemeChoice, useTheme } from "@/ui/theme";
import { SettingRow } from "../../people/setting-row";
import { SettingsHead } from "../settings-frame";

const THEMES: readonly { value: ThemeChoice; label: string }[] = [
  { value: "light", label: "Light" },
  { value: "dark", label: "Dark" },
  { value: "system", label: "Same as the system" },
];
const PALETTES: readonly { value: Palette; label: string }[] = [
  { value: "std", label: "Standard, 12" },
  { value: "safe", label: "Color-blind-safe, 8" },
];

export function AppearanceSection() {
  return (
    <>
      <SettingsHead title="Appearance">Saved in this browser.</SettingsHead>
      <BrowserCard />
    </>
  );
}

export function BrowserCard() {
  const { choice, palette, setChoice, setPalette } = useTheme();
  return (
    <section className="card" aria-label="Appearance">
      <h2>Appearance</h2>
      <SettingRow name="Theme">
        <SegmentedControl label="Theme" value={choice} options={THEMES} onChange={setChoice} />
      </SettingRow>
      <SettingRow name="Run colors">
        <SegmentedControl label="Run colors" value={palette} options={PALETTES} onChange={setPalette} />
      </SettingRow>
    </section>
  );
}
