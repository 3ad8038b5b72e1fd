/** A menu's item that is one of several: a check at its right when it is the chosen one. */

import { Menu } from "@mantine/core";
import type { ReactNode } from "react";
import { Icon } from "../signs/icons";

interface RadioItemProps {
  readonly label: string;
  readonly isOn: boolean;
  readonly children?: ReactNode;
  onChoose(): void;
}

export function RadioItem({ label, isOn, children, onChoose }: RadioItemProps) {
  return (
    <Menu.RadioItem
      value={label}
      checked={isOn}
      onChange={onChoose}
      closeMenuOnClick
      rightSection={isOn ? <Icon name="check" isSmall /> : null}
    >
      <span className="row">{children ?? label}</span>
    </Menu.RadioItem>
  );
}
