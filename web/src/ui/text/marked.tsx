import { Fragment } from "react";

interface MarkedProps {
  readonly text: string;
  /** `[from, to)`, in order and apart. */
  readonly spans: readonly (readonly [number, number])[];
}

export function Marked({ text, spans }: MarkedProps) {
  if (spans.length === 0) return <>{text}</>;
  return (
    <>
      {spans.map(([from, to], i) => (
        <Fragment key={from}>
          {text.slice(spans[i - 1]?.[1] ?? 0, from)}
          <mark>{text.slice(from, to)}</mark>
        </Fragment>
      ))}
      {text.slice(spans.at(-1)?.[1])}
    </>
  );
}
