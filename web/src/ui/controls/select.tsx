/**
 * One of several choices, in a menu; the button shows the chosen one, with its name before it where wanted.
 */

import { type ReactNode, useState } from "react";
import { Menu } from "../overlays/menu";
import { RadioItem } from "../overlays/radio-item";
import { Icon, type IconName } from "../signs/icons";

interface Option<T extends string> {
  readonly value: T;
  readonly label: string;
  /** Drawn in place of the label: a name that is cut where it differs from others. */
  readonly shown?: ReactNode;
  readonly icon?: IconName;
  /** Grey, behind the label. */
  readonly meta?: string;
}

interface SelectProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly options: readonly Option<T>[];
  /** The label stands in the button, as `X axis  Step`. */
  readonly isLabelVisible?: boolean;
  readonly isSmall?: boolean;
  readonly isQuiet?: boolean;
  /** As wide as its place. */
  readonly isWide?: boolean;
  onChange(value: NoInfer<T>): void;
}

export function Select<T extends string>(props: SelectProps<T>) {
  const { label, value, options, isLabelVisible, isSmall, isQuiet, isWide, onChange } = props;
  const [isOpen, setOpen] = useState(false);
  const chosen = options.find((option) => option.value === value);
  return (
    <Menu
      isOpen={isOpen}
      onOpen={setOpen}
      target={
        <button
          type="button"
          className={`btn select ${isQuiet ? "q" : ""} ${isSmall ? "sm" : ""} ${isWide ? "wide" : ""}`}
          data-empty={value === "" || undefined}
          aria-label={`${label}${isLabelVisible ? "" : ":"} ${chosen?.label ?? value}`}
        >
          {isLabelVisible && <span className="lbl">{`${label} `}</span>}
          <span className="val ell">{chosen?.shown ?? chosen?.label ?? value}</span>
          <Icon name="down" isSmall className="caret" />
        </button>
      }
    >
      {options.map((option) => (
        <RadioItem
          key={option.value}
          label={option.label}
          isOn={option.value === value}
          onChoose={() => onChange(option.value)}
        >
          {option.icon && <Icon name={option.icon} isSmall />}
          {option.shown ?? option.label}
          {option.meta && <span className="meta">{option.meta}</span>}
        </RadioItem>
      ))}
    </Menu>
  );
}
