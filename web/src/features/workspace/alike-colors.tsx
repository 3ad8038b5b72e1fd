/** The line of a list whose shown runs, or groups, have the same colours, until a person wants it no more. */

import { useState } from "react";
import type { ProjectRef } from "@/api/types";
import { readStored, writeStored } from "@/ui/browser/stored";
import { IconButton } from "@/ui/controls/icon-button";
import { TellApart } from "../runs/keys/tell-apart";
import type { AlikeColors } from "../runs/keys/use-alike-colors";

export default function AlikeColorsLine({ project, alike }: { project: ProjectRef; alike: AlikeColors }) {
  const stored = `alike-colors-${project.entity}/${project.project}`;
  const [isDismissed, setDismissed] = useState(() => readStored(stored) !== null);
  if (isDismissed) return null;
  const dismiss = () => {
    writeStored(stored, "dismissed");
    setDismissed(true);
  };
  return (
    <div className="alike-colors">
      <span title={`${alike.says}.`}>{alike.says}</span>
      <TellApart project={project} alike={alike} />
      <IconButton icon="x" isSmall label="Dismiss: Color still offers it" onClick={dismiss} />
    </div>
  );
}
