/** Copies a text and says so in its own place. */

import { useState } from "react";
import { writeClipboard } from "../browser/copy-text";
import { attempt } from "../overlays/toasts";
import { Tooltip } from "../overlays/tooltip";
import { Icon } from "../signs/icons";

const DONE_MILLIS = 1600;

interface CopyButtonProps {
  readonly text: string;
  readonly label?: string;
  /** Only the icon; the label is its name. */
  readonly isIcon?: boolean;
}

export function CopyButton({ text, label = "Copy", isIcon }: CopyButtonProps) {
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    await attempt("Could not copy", async () => {
      await writeClipboard(text);
      setCopied(true);
      setTimeout(() => setCopied(false), DONE_MILLIS);
    });
  };
  const name = isCopied ? "Copied" : label;
  const icon = <Icon name={isCopied ? "check" : "copy"} isSmall />;
  if (isIcon) {
    return (
      <Tooltip label={name}>
        <button type="button" className="btn q sm ico" aria-label={name} onClick={copy}>
          {icon}
        </button>
      </Tooltip>
    );
  }
  return (
    <button type="button" className="btn q sm" onClick={copy}>
      {icon}
      {name}
    </button>
  );
}
