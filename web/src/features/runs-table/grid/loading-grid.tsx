/** The grid's outline while its first rows are on their way. */

import { Skeleton } from "@/ui/signs/skeleton";

const WIDTHS = [84, 48, 56, 64, 110, 120, 60, 72, 56, 64, 72];

export function LoadingGrid() {
  return (
    <div className="rt-scroll late" role="status" aria-label="Loading runs">
      <div className="rt-head loading" />
      {Array.from({ length: 18 }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: equal placeholders
        <div className="rt-loading" key={row}>
          <Skeleton width={90 + ((row * 37) % 70)} />
          {WIDTHS.map((width, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: equal placeholders
            <Skeleton key={i} width={width} />
          ))}
        </div>
      ))}
    </div>
  );
}
