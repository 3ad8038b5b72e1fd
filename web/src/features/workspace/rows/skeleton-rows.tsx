export function LoadingRows({ nColumns }: { nColumns: number }) {
  return (
    <div className="list late" role="status" aria-label="Loading runs">
      {Array.from({ length: 16 }, (_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: equal placeholders
        <SkeletonRow key={i} index={i} nColumns={nColumns} />
      ))}
    </div>
  );
}

/** A row that is on its way. */
export function SkeletonRow({ index, nColumns, top }: { index: number; nColumns: number; top?: number }) {
  return (
    <div
      className={`cols skr ${top === undefined ? "" : "run-row"}`}
      style={top === undefined ? undefined : { transform: `translateY(${top}px)` }}
    >
      <span />
      <span className="sk" style={{ width: 14, height: 12, marginLeft: 3 }} />
      <span className="row" style={{ paddingLeft: 4 }}>
        <span className="sk" style={{ width: 9, height: 9, borderRadius: "50%" }} />
        <span className="sk" style={{ width: 90 + ((index * 37) % 60), height: 9 }} />
      </span>
      {Array.from({ length: nColumns }, (_, i) => (
        <span
          // biome-ignore lint/suspicious/noArrayIndexKey: equal placeholders
          key={i}
          className="sk"
          style={{ width: 30 + ((index * 13 + i * 7) % 12), height: 9, justifySelf: "end" }}
        />
      ))}
    </div>
  );
}
