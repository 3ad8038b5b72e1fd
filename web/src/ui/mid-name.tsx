/**
 * A name that loses its middle when it does not fit, never the end that tells it from its neighbours.
 */

/** Letters of the end that stay, at most half of a name. */
const TAIL = 9;
/** Shorter ones are not worth cutting. */
const SHORT = 8;

interface MidNameProps {
  readonly name: string;
  /** What hovering shows, where that is more than the name. */
  readonly title?: string;
  readonly className?: string;
}

export function MidName({ name, title = name, className = "" }: MidNameProps) {
  const cut = name.length > SHORT ? name.length - Math.min(TAIL, name.length >> 1) : name.length;
  return (
    <span className={`mid ${className}`} title={title}>
      <span>{name.slice(0, cut)}</span>
      {cut < name.length && <span>{name.slice(cut)}</span>}
    </span>
  );
}
