/**
 * Copies a text and says so in its own place.
 */

import { useState } from "react";
import { Icon } from "./icons";
import { showFailed } from "./toasts";

const SAID_MILLIS = 1600;

export function CopyButton({ text, label = "Copy" }: { text: string; label?: string }) {
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
      setTimeout(() => setCopied(false), SAID_MILLIS);
    } catch (error) {
      showFailed("Could not copy", error);
    }
  };
  return (
    <button type="button" className="btn q sm" onClick={copy}>
      <Icon name={isCopied ? "check" : "copy"} isSmall />
      {isCopied ? "Copied" : label}
    </button>
  );
}
