/** A button over a list of runs that opens a small window, fetched when it is first opened. */

import type { ReactNode } from "react";
import { Popover } from "@/ui/overlays/popover";
import { Icon, type IconName } from "@/ui/signs/icons";
import "../runs.css";

export interface ListButtonProps {
  readonly icon: IconName;
  readonly label: string;
  /** The setting in words; null: none. */
  readonly value: string | null;
  readonly width: number;
  /** Only the icon, where there is little room. */
  readonly isIcon?: boolean;
  /** A sentence about an offer of the window, marked by a dot. */
  readonly offer?: string | null;
  /** With `onOpen`: the page holds whether the window is open. */
  readonly isOpen?: boolean;
  onOpen?(isOpen: boolean): void;
  readonly children: ReactNode;
}

export function ListButton(props: ListButtonProps) {
  const { icon, label, value, width, isIcon, offer, isOpen, onOpen, children } = props;
  // as it is read in sight
  const spokenLabel = value ? `${label} ${value}` : label;
  return (
    <Popover
      label={label}
      width={width}
      isForTyping
      isOpen={isOpen}
      onOpen={onOpen}
      target={
        <button
          type="button"
          className={`btn q ${isIcon ? "ico" : ""} ${isIcon && value ? "on" : ""}`}
          aria-label={spokenLabel}
          title={offer ?? (isIcon ? spokenLabel : undefined)}
        >
          <Icon name={icon} isSmall={!isIcon} />
          {offer && <i className="offer-dot" />}
          {!isIcon && (
            <>
              <span className={value ? "lbl" : ""}>{label}</span>
              {value && " "}
              {value && <span className="val ell">{value}</span>}
            </>
          )}
        </button>
      }
    >
      {children}
    </Popover>
  );
}
