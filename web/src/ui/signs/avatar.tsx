/** A round picture of a person, or their initials on a hue of their name; of a team, a square one. */

import { type CSSProperties, useState } from "react";
import { hueOf, initialsOf } from "@/data/people/initials";
import "./avatar.css";

interface AvatarProps {
  /** What the hue follows from: it stays when the shown name changes. */
  readonly name: string;
  readonly displayName?: string | null;
  /** Address of a picture; absent: initials. */
  readonly picture?: string | null;
  readonly isTeam?: boolean;
  readonly size?: "sm" | "md" | "lg";
}

/** Decoration next to a name, so screen readers skip it. */
export function Avatar({ name, displayName, picture, isTeam, size = "md" }: AvatarProps) {
  // some who act have no account, and their pictures no address
  const [isMissing, setMissing] = useState(false);
  const hue = `var(--w-run-${hueOf(name)})`;
  return (
    <span
      className={`avatar ${size} ${isTeam ? "team" : ""}`}
      style={{ "--hue": hue } as CSSProperties}
      aria-hidden="true"
    >
      {picture && !isMissing ? (
        <img src={picture} alt="" loading="lazy" onError={() => setMissing(true)} />
      ) : (
        initialsOf(displayName || name)
      )}
    </span>
  );
}
