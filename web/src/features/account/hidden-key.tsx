/** A key that is hidden until it is asked for; it can be copied without being shown. */

import { useState } from "react";
import { CopyButton } from "@/ui/controls/copy-button";
import { IconButton } from "@/ui/controls/icon-button";
import "../people/people.css";

/** As many as are seen of any key, so that its length stays unknown. */
const DOTS = "•".repeat(24);

export function HiddenKey({ text }: { text: string }) {
  const [isShown, setShown] = useState(false);
  return (
    <div className="key-line">
      <code className="mono grow">
        {isShown ? (
          text
        ) : (
          <span role="img" aria-label="The key is hidden">
            {DOTS}
          </span>
        )}
      </code>
      <IconButton
        icon={isShown ? "eyeoff" : "eye"}
        label={isShown ? "Hide the key" : "Show the key"}
        onClick={() => setShown(!isShown)}
      />
      <CopyButton text={text} label="Copy key" isIcon />
    </div>
  );
}
