/**
 * A name that loses its middle when it does not fit, never the end that tells it from its neighbours.
 */

const TAIL = 9;

interface MidNameProps {
  readonly name: string;
  /** What hovering shows, where that is more than the name. */
  readonly title?: string;
  readonly className?: string;
}

export function MidName({ name, title = name, className = "" }: MidNameProps) {
  const cut = name.length > TAIL * 2 ? name.length - TAIL : name.length;
  return (
    <span className={`mid ${className}`} title={title}>
      <span>{name.slice(0, cut)}</span>
      {cut < name.length && <span>{name.slice(cut)}</span>}
    </span>
  );
}
