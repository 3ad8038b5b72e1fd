/** The woven loss curve of the empty page: a weft thread that goes over and under the warp in turn. */

const N = 33;
const GAP = 24.24;
const MIDDLE_WIDTH = 800;

function hash(i: number): number {
  const s = Math.sin(i * 127.1 + 11.7) * 43758.5453;
  return s - Math.floor(s) - 0.5;
}

const POINTS = Array.from({ length: N + 1 }, (_, i): [number, number] => [
  i * GAP,
  16 + 50 * (1 - Math.exp(-i / 8)) + hash(i) * 12 * Math.exp(-i / 14),
]);

const CURVE = POINTS.slice(1).reduce(
  (path, [x, y], i) => {
    const [fromX, fromY] = POINTS[i]!;
    return `${path}C${fromX + 10} ${fromY},${x - 10} ${y},${x} ${y}`;
  },
  `M${POINTS[0]!.join(" ")}`,
);

export function Thread() {
  const warp = POINTS.slice(1, N);
  return (
    <svg className="thread" viewBox={`0 0 ${MIDDLE_WIDTH} 84`} aria-hidden="true">
      {warp.map(([x, y], i) => (
        <path
          key={x}
          d={i % 2 === 0 ? `M${x} 2V82` : `M${x} 2V${y - 6}M${x} ${y + 6}V82`}
          stroke="var(--w-border-strong)"
          strokeWidth="2"
        />
      ))}
      <path className="weft-line" pathLength={1} d={CURVE} stroke="var(--w-accent)" strokeWidth="2.5" />
      {warp.map(([x, y], i) =>
        i % 2 === 0 ? (
          <g key={x}>
            <path d={`M${x} ${y - 7}V${y + 7}`} stroke="var(--w-bg)" strokeWidth="6" />
            <path d={`M${x} ${y - 8}V${y + 8}`} stroke="var(--w-border-strong)" strokeWidth="2" />
          </g>
        ) : null,
      )}
    </svg>
  );
}
