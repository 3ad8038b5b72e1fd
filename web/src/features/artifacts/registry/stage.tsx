/** A stage: an alias, the version it is at, and whether only admins move it. */

import { Icon } from "@/ui/signs/icons";

interface StageProps {
  readonly alias: string;
  readonly version: string | null;
  readonly isProtected: boolean;
}

export function Stage({ alias, version, isProtected }: StageProps) {
  return (
    <span className="chip fixed" title={isProtected ? "Only admins of the registry move it" : undefined}>
      {isProtected && <Icon name="lock" isSmall />}
      <span className="ell">{alias}</span>
      {version && <span className="muted tn">{version}</span>}
    </span>
  );
}
