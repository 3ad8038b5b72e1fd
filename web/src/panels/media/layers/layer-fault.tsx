/** A layer that is not drawn says so over its image, and why. */

import { Icon } from "@/ui/signs/icons";

export function LayerFault({ name, reason }: { name: string; reason: string }) {
  const text = `${name} is not drawn: ${reason}`;
  return (
    <span className="media-fault" role="img" aria-label={text} title={text}>
      <Icon name="warn" isSmall />
    </span>
  );
}
