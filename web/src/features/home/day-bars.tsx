import { formatNoun } from "@/data/text/format";

const BAR_PX = 3;
const GAP_PX = 1;
const HEIGHT_PX = 20;

/** Runs per day, the oldest first, as small grey bars: they belong to no run, so they have no colour. */
export function DayBars({ counts }: { counts: readonly number[] }) {
  const most = Math.max(1, ...counts);
  const total = counts.reduce((sum, n) => sum + n, 0);
  const label = `${formatNoun(total, "run")} in ${counts.length} days`;
  const width = counts.length * (BAR_PX + GAP_PX) - GAP_PX;
  return (
    <svg
      className="day-bars"
      width={width}
      height={HEIGHT_PX}
      viewBox={`0 0 ${width} ${HEIGHT_PX}`}
      role="img"
      aria-label={label}
    >
      <title>{most > 1 ? `${label}, at most ${most} a day` : label}</title>
      {counts.map((n, i) => {
        const height = n === 0 ? 1 : 2 + Math.round((n / most) * (HEIGHT_PX - 3));
        return (
          <rect
            // biome-ignore lint/suspicious/noArrayIndexKey: a bar per day
            key={i}
            className={n === 0 ? "none" : ""}
            x={i * (BAR_PX + GAP_PX)}
            y={HEIGHT_PX - height}
            width={BAR_PX}
            height={height}
          />
        );
      })}
    </svg>
  );
}
