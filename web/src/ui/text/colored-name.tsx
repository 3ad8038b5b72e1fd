import { MidName } from "./mid-name";

interface ColoredNameProps {
  readonly name: string;
  /** Its dot, of the palette of runs, 1 … 12. */
  readonly color: number;
}

/** A name behind the dot of its color, as an entry of a list. */
export function ColoredName({ name, color }: ColoredNameProps) {
  return (
    <span className="row">
      <span className="sw-dot" style={{ background: `var(--w-run-${color})` }} />
      <MidName name={name} />
    </span>
  );
}
