/**
 * A name that loses its middle when it does not fit, never the end that tells it from its neighbours.
 */

const TAIL = 9;

export function MidName({ name, className = "" }: { name: string; className?: string }) {
  const cut = name.length > TAIL * 2 ? name.length - TAIL : name.length;
  return (
    <span className={`mid ${className}`} title={name}>
      <span>{name.slice(0, cut)}</span>
      <span>{name.slice(cut)}</span>
    </span>
  );
}
