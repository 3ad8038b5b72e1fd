/**
 * Icons on a 16 px grid: 1.4 px stroke, round caps, no fill, in the text's colour; and the product's mark.
 */

import type { ReactNode } from "react";

/** The data of a path, or several elements. */
const SHAPES = {
  drop: "M8 1.8S3.6 6.6 3.6 9.7a4.4 4.4 0 0 0 8.8 0C12.4 6.6 8 1.8 8 1.8z M8 11.9a2.2 2.2 0 0 1-2.2-2.2",
  eye: "M1.5 8S3.9 3.6 8 3.6 14.5 8 14.5 8 12.1 12.4 8 12.4 1.5 8 1.5 8zM6.1 8a1.9 1.9 0 1 0 3.8 0a1.9 1.9 0 1 0-3.8 0z",
  eyeoff:
    "M2.5 2.5l11 11M6.4 3.8C6.9 3.7 7.4 3.6 8 3.6c4.1 0 6.5 4.4 6.5 4.4a11 11 0 0 1-1.8 2.3M4.2 4.9C2.5 6.1 1.5 8 1.5 8s2.4 4.4 6.5 4.4c1.1 0 2-.3 2.9-.7",
  search: "M2.7 7a4.3 4.3 0 1 0 8.6 0a4.3 4.3 0 1 0-8.6 0zM10.3 10.3L14 14",
  right: "M6.2 4l4 4-4 4",
  down: "M4 6.2l4 4 4-4",
  left: "M9.8 4l-4 4 4 4",
  chart: "M2 13.6h12M2 10.4l3.6-4.2 3 2.6L14 2.8",
  band: (
    <>
      <path d="M2 5.6C5 2.2 8.4 6.4 14 2.6M2 13.4c3-3.4 6.4.8 12-3" opacity=".55" />
      <path d="M2 9.5c3-3.4 6.4.8 12-3" />
    </>
  ),
  plus: "M8 3v10M3 8h10",
  x: "M4 4l8 8M12 4l-8 8",
  check: "M3.2 8.4l3.2 3.2 6.4-7",
  sun: "M5.2 8a2.8 2.8 0 1 0 5.6 0a2.8 2.8 0 1 0-5.6 0zM8 1.5v1.3M8 13.2v1.3M1.5 8h1.3M13.2 8h1.3M3.4 3.4l.9.9M11.7 11.7l.9.9M12.6 3.4l-.9.9M4.3 11.7l-.9.9",
  moon: "M13.4 9.6A5.8 5.8 0 0 1 6.4 2.6a5.8 5.8 0 1 0 7 7z",
  dots: <path d="M3.5 8h.01M8 8h.01M12.5 8h.01" strokeWidth="2" />,
  stop: "M5 3.8h6a1.2 1.2 0 0 1 1.2 1.2v6a1.2 1.2 0 0 1-1.2 1.2h-6a1.2 1.2 0 0 1-1.2 -1.2v-6a1.2 1.2 0 0 1 1.2 -1.2z",
  link: "M6.8 9.2a2.6 2.6 0 0 0 3.7 0l2.4-2.4a2.6 2.6 0 0 0-3.7-3.7l-.9.9M9.2 6.8a2.6 2.6 0 0 0-3.7 0L3.1 9.2a2.6 2.6 0 0 0 3.7 3.7l.9-.9",
  copy: "M6.8 5.4h5.6a1.4 1.4 0 0 1 1.4 1.4v5.6a1.4 1.4 0 0 1-1.4 1.4h-5.6a1.4 1.4 0 0 1-1.4 -1.4v-5.6a1.4 1.4 0 0 1 1.4 -1.4zM10.6 5.2V3.6a1.4 1.4 0 0 0-1.4-1.4H3.6a1.4 1.4 0 0 0-1.4 1.4v5.6a1.4 1.4 0 0 0 1.4 1.4h1.6",
  full: "M9.6 2.6h3.8v3.8M13.2 2.8L9.4 6.6M6.4 13.4H2.6V9.6M2.8 13.2l3.8-3.8",
  home: "M2.4 7.2L8 2.4l5.6 4.8M3.8 6.4v7.2h8.4V6.4",
  edit: "M2.6 13.4l.6-2.8 7.6-7.6 2.2 2.2-7.6 7.6z",
  warn: "M8 2.4l6.2 11H1.8zM8 6.6v3M8 11.5h.01",
  help: "M2 8a6 6 0 1 0 12 0a6 6 0 1 0-12 0zM6.2 6.3c0-1 .8-1.7 1.8-1.7s1.8.6 1.8 1.6c0 1.3-1.8 1.3-1.8 2.6M8 11.3h.01",
  trash: "M2.8 4.2h10.4M6 4V2.4h4V4M4 4.4l.6 9.2h6.8l.6-9.2M6.7 7v4M9.3 7v4",
  layers: "M8 2l6 3-6 3-6-3zM2.3 9.3L8 12.1l5.7-2.8",
  cpu: "M5.2 4h5.6a1.2 1.2 0 0 1 1.2 1.2v5.6a1.2 1.2 0 0 1-1.2 1.2h-5.6a1.2 1.2 0 0 1-1.2 -1.2v-5.6a1.2 1.2 0 0 1 1.2 -1.2zM6.5 1.8V4M9.5 1.8V4M6.5 12v2.2M9.5 12v2.2M1.8 6.5H4M1.8 9.5H4M12 6.5h2.2M12 9.5h2.2",
  swap: "M2.6 5.4h10M10 2.8l2.6 2.6L10 8M13.4 10.6h-10M6 8l-2.6 2.6L6 13.2",
  clock: "M2 8a6 6 0 1 0 12 0a6 6 0 1 0-12 0zM8 4.6V8l2.4 1.6",
  gear: "M5.9 8a2.1 2.1 0 1 0 4.2 0a2.1 2.1 0 1 0-4.2 0zM8 1.8v1.9M8 12.3v1.9M1.8 8h1.9M12.3 8h1.9M3.6 3.6L5 5M11 11l1.4 1.4M12.4 3.6L11 5M5 11l-1.4 1.4",
  undo: "M5.6 3L2.6 6l3 3M2.8 6h6.4a3.6 3.6 0 0 1 0 7.2H6",
  sliders:
    "M2 4.6h6M12 4.6h2M2 11.4h2M8 11.4h6M8.2 4.6a1.8 1.8 0 1 0 3.6 0a1.8 1.8 0 1 0-3.6 0zM4.2 11.4a1.8 1.8 0 1 0 3.6 0a1.8 1.8 0 1 0-3.6 0z",
  download: "M8 2.2v8M4.8 7.2L8 10.4l3.2-3.2M2.8 13.4h10.4",
  flag: "M3.6 14V2.4h8.6l-2 3 2 3H3.6",
  code: "M5.4 4.6L2 8l3.4 3.4M10.6 4.6L14 8l-3.4 3.4",
  stats: "M3 13.5V8M8 13.5v-11M13 13.5V6",
  table:
    "M3.6 2.8h8.8a1.6 1.6 0 0 1 1.6 1.6v7.2a1.6 1.6 0 0 1-1.6 1.6h-8.8a1.6 1.6 0 0 1-1.6 -1.6v-7.2a1.6 1.6 0 0 1 1.6 -1.6zM2 6.3h12M6.6 6.3v6.9",
  box: "M8 1.8l5.6 3v6.4L8 14.2l-5.6-3V4.8zM2.6 4.9L8 7.9l5.4-3M8 7.9v6.1",
  doc: "M4 1.9h5.4L12.8 5.3v8.8H4zM9.2 2v3.5h3.5M6.2 8.6h4.4M6.2 11.2h4.4",
  minus: "M3.5 8h9",
  filter: "M2 4h12M4.3 8h7.4M6.6 12h2.8",
  group: "M8 2l6 3-6 3-6-3zM2.3 8.3L8 11.1l5.7-2.8M2.3 11.3L8 14.1l5.7-2.8",
  sort: "M5 3v10M2.6 10.6L5 13l2.4-2.4M11 13V3M8.6 5.4L11 3l2.4 2.4",
  cols: "M3.6 2.8h8.8a1.6 1.6 0 0 1 1.6 1.6v7.2a1.6 1.6 0 0 1-1.6 1.6h-8.8a1.6 1.6 0 0 1-1.6 -1.6v-7.2a1.6 1.6 0 0 1 1.6 -1.6zM6 2.8v10.4M10 2.8v10.4",
  redo: "M10.4 3l3 3-3 3M13.2 6H6.8a3.6 3.6 0 0 0 0 7.2H10",
  pin: "M6 2h4l-.5 4 2.3 2.6H4.2L6.5 6zM8 8.8V14",
  star: "M8 2l1.8 3.8 4.2.5-3.1 2.9.8 4.2L8 11.3l-3.7 2.1.8-4.2L2 6.3l4.2-.5z",
  tag: (
    <>
      <path d="M2.2 7.6V2.8a.6.6 0 0 1 .6-.6h4.8l6.2 6.2-5.4 5.4z" />
      <path d="M5.2 5.2h.01" strokeWidth="2" />
    </>
  ),
  pause: <path d="M5.5 3.5v9M10.5 3.5v9" strokeWidth="1.8" />,
  play: "M4.6 3l8 5-8 5z",
  branch:
    "M2.9 3.5a1.6 1.6 0 1 0 3.2 0a1.6 1.6 0 1 0-3.2 0zM2.9 12.5a1.6 1.6 0 1 0 3.2 0a1.6 1.6 0 1 0-3.2 0zM9.9 5a1.6 1.6 0 1 0 3.2 0a1.6 1.6 0 1 0-3.2 0zM4.5 5.1v5.8M11.5 6.6c0 2.4-2.6 2.6-5 3.2",
  terminal:
    "M3.4 2.6h9.2a1.6 1.6 0 0 1 1.6 1.6v7.6a1.6 1.6 0 0 1-1.6 1.6h-9.2a1.6 1.6 0 0 1-1.6 -1.6v-7.6a1.6 1.6 0 0 1 1.6 -1.6zM4.6 6l2 2-2 2M8.4 10.2h3",
  user: "M5.3 5.4a2.7 2.7 0 1 0 5.4 0a2.7 2.7 0 1 0-5.4 0zM2.8 13.8c.6-2.6 2.7-4 5.2-4s4.6 1.4 5.2 4",
  grip: <path d="M6 4h.01M6 8h.01M6 12h.01M10 4h.01M10 8h.01M10 12h.01" strokeWidth="1.8" />,
  image: "M2 3.4h12v9.2H2zM2.2 11.4l3.4-3.6 2.6 2.6 2.2-2 3.4 3M9.6 6.2a1 1 0 1 0 2 0a1 1 0 1 0-2 0z",
  file: "M4 1.9h5.4L12.8 5.3v8.8H4zM9.2 2v3.5h3.5",
  info: "M2 8a6 6 0 1 0 12 0a6 6 0 1 0-12 0zM8 7.4v3.6M8 5h.01",
  lock: "M4.8 7h6.4a1.4 1.4 0 0 1 1.4 1.4v4a1.4 1.4 0 0 1-1.4 1.4h-6.4a1.4 1.4 0 0 1-1.4 -1.4v-4a1.4 1.4 0 0 1 1.4 -1.4zM5.4 7V5a2.6 2.6 0 0 1 5.2 0v2",
  key: "M2.3 10.8a2.9 2.9 0 1 0 5.8 0a2.9 2.9 0 1 0-5.8 0zM7.3 8.7l6-6M11 5l1.8 1.8M9.2 6.8l1.3 1.3",
  bolt: "M9 1.8L3.4 9H8l-1 5.2L12.6 7H8z",
  move: "M8.6 4l4 4-4 4M2.6 8h9.6",
  up: "M4 9.8l4-4 4 4",
  bars: "M2.5 2v12M2.5 4.5h9M2.5 8h6M2.5 11.5h10.5",
  compare: "M2.5 3h4.5v10H2.5zM9 3h4.5v10H9zM4 6h1.5M4 9h1.5M10.5 6h1.5",
  heat: "M2.5 2.5h11v11h-11zM2.5 6.2h11M2.5 9.8h11M6.2 2.5v11M9.8 2.5v11",
  number: "M6.2 2.5l-1.4 11M11.2 2.5l-1.4 11M2.8 6h10.8M2.4 10h10.8",
  parallel: "M2.5 2v12M8 2v12M13.5 2v12M2.5 4c2.7 0 2.7 6 5.5 6s2.8-5 5.5-5",
  rank: "M2 3.5h12M2 6.6h8M2 9.7h5M2 12.8h2.5",
  sweep: "M1.8 8h4.4M6.2 8c3 0 2.6-4.8 6-4.8M6.2 8c3 0 2.6 4.8 6 4.8M6.2 8h8",
  scatter: (
    <>
      <path d="M2 2v12h12" />
      <path d="M5 10.5h.1M7 7h.1M9.4 8.8h.1M10.6 4.6h.1M13 6h.1" strokeWidth="2.2" />
    </>
  ),
} satisfies Record<string, ReactNode>;

export type IconName = keyof typeof SHAPES;

/** An icon of 16 px, or 14 in dense rows; hidden from screen readers, as its button has the name. */
export function Icon({
  name,
  isSmall,
  className = "",
}: {
  name: IconName;
  isSmall?: boolean;
  className?: string;
}) {
  const shape = SHAPES[name];
  return (
    <svg className={`icon ${isSmall ? "small" : ""} ${className}`} viewBox="0 0 16 16" aria-hidden="true">
      {typeof shape === "string" ? <path d={shape} /> : shape}
    </svg>
  );
}

/** The mark: three warp threads, two weft threads, over and under in turn. */
export function Mark({ size = 22 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" fill="none" strokeWidth="2.6" aria-hidden="true">
      <path stroke="var(--w-text)" d="M5 2.5V6M5 11V21.5M12 2.5V12.8M12 17.8V21.5M19 2.5V6M19 11V21.5" />
      <path stroke="var(--w-accent)" d="M1.5 8.5H9.5M14.5 8.5H22.5M7.5 15.3H16.5" />
    </svg>
  );
}
