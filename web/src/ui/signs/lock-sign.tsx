/** The sign of a thing that is locked against deletion; its tip says who locked it, and when. */

import { formatExact } from "@/data/text/format";
import { Icon } from "./icons";

/** The user of a server without accounts. */
const NO_ACCOUNT = "local";

interface LockSignProps {
  /** Null or undefined: nothing is shown. */
  readonly user: string | null | undefined;
  readonly micros: number | null | undefined;
}

export function LockSign({ user, micros }: LockSignProps) {
  if (!user) return null;
  const by = user === NO_ACCOUNT ? "" : ` by ${user}`;
  const at = micros ? `, ${formatExact(micros)}` : "";
  const text = `Locked${by}${at}: it can't be deleted`;
  return (
    <span className="lock-sign" role="img" aria-label={text} title={text}>
      <Icon name="lock" isSmall />
    </span>
  );
}
