import { Menu, Tooltip } from "@mantine/core";
import { useState } from "react";
import { RadioItem } from "@/ui/overlays/radio-item";
import { useFirstOpen } from "@/ui/overlays/use-first-open";
import { Icon, type IconName } from "@/ui/signs/icons";
import { type Palette, type ThemeChoice, useTheme } from "@/ui/theme";

const THEMES: readonly (readonly [ThemeChoice, IconName, string])[] = [
  ["light", "sun", "Light"],
  ["dark", "moon", "Dark"],
  ["system", "cpu", "Same as the system"],
];
const PALETTES: readonly (readonly [Palette, IconName, string])[] = [
  ["std", "layers", "Standard, 12"],
  ["safe", "eye", "Color-blind-safe, 8"],
];

export function ThemeMenu() {
  const { choice, palette, theme, setChoice, setPalette } = useTheme();
  const [isOpen, setOpen] = useState(false);
  const { isMounted, isOpened } = useFirstOpen(isOpen);
  return (
    <Menu position="bottom-end" opened={isOpened} onChange={setOpen}>
      <Menu.Target>
        <Tooltip label="Theme and run colors" disabled={isOpen}>
          <button type="button" className="btn q ico theme" aria-label="Theme and run colors">
            <Icon name={theme === "dark" ? "moon" : "sun"} />
          </button>
        </Tooltip>
      </Menu.Target>
      {isMounted && (
        <Menu.Dropdown>
          <Menu.Label>Theme</Menu.Label>
          {THEMES.map(([name, icon, label]) => (
            <Choice
              key={name}
              icon={icon}
              label={label}
              isOn={choice === name}
              onClick={() => setChoice(name)}
            />
          ))}
          <Menu.Divider />
          <Menu.Label>Run colors</Menu.Label>
          {PALETTES.map(([name, icon, label]) => (
            <Choice
              key={name}
              icon={icon}
              label={label}
              isOn={palette === name}
              onClick={() => setPalette(name)}
            />
          ))}
        </Menu.Dropdown>
      )}
    </Menu>
  );
}

function Choice(props: { icon: IconName; label: string; isOn: boolean; onClick(): void }) {
  const { icon, label, isOn, onClick } = props;
  return (
    <RadioItem label={label} isOn={isOn} onChoose={onClick}>
      <Icon name={icon} isSmall />
      {label}
    </RadioItem>
  );
}
