/** Grey bars in the place of what loads for the first time; they show after 150 ms. */

export function Skeleton({ width, height = 9 }: { width: number | string; height?: number }) {
  return <span className="sk" style={{ width, height }} aria-hidden="true" />;
}

/** Rows of a list or table that is on its way. */
export function SkeletonRows(props: { n: number; label?: string; height?: number }) {
  const { n, label = "Loading", height } = props;
  return (
    <div className="late" role="status" aria-label={label}>
      {Array.from({ length: n }, (_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: equal placeholders
        <div key={i} className="row sk-row" style={{ height }}>
          <Skeleton width={9} />
          <Skeleton width={120 + ((i * 53) % 80)} />
        </div>
      ))}
    </div>
  );
}
