/**
 * Icons on a 16 px grid: 1.4 px stroke, round caps, no fill, in the text's colour; and the product's mark.
 */

import type { ReactNode } from "react";

const SHAPES = {
  eye: (
    <>
      <path d="M1.5 8S3.9 3.6 8 3.6 14.5 8 14.5 8 12.1 12.4 8 12.4 1.5 8 1.5 8z" />
      <circle cx="8" cy="8" r="1.9" />
    </>
  ),
  eyeoff: (
    <>
      <path d="M2.5 2.5l11 11M6.4 3.8C6.9 3.7 7.4 3.6 8 3.6c4.1 0 6.5 4.4 6.5 4.4a11 11 0 0 1-1.8 2.3M4.2 4.9C2.5 6.1 1.5 8 1.5 8s2.4 4.4 6.5 4.4c1.1 0 2-.3 2.9-.7" />
    </>
  ),
  search: (
    <>
      <circle cx="7" cy="7" r="4.3" />
      <path d="M10.3 10.3L14 14" />
    </>
  ),
  right: (
    <>
      <path d="M6.2 4l4 4-4 4" />
    </>
  ),
  down: (
    <>
      <path d="M4 6.2l4 4 4-4" />
    </>
  ),
  left: (
    <>
      <path d="M9.8 4l-4 4 4 4" />
    </>
  ),
  chart: (
    <>
      <path d="M2 13.6h12M2 10.4l3.6-4.2 3 2.6L14 2.8" />
    </>
  ),
  plus: (
    <>
      <path d="M8 3v10M3 8h10" />
    </>
  ),
  x: (
    <>
      <path d="M4 4l8 8M12 4l-8 8" />
    </>
  ),
  check: (
    <>
      <path d="M3.2 8.4l3.2 3.2 6.4-7" />
    </>
  ),
  sun: (
    <>
      <circle cx="8" cy="8" r="2.8" />
      <path d="M8 1.5v1.3M8 13.2v1.3M1.5 8h1.3M13.2 8h1.3M3.4 3.4l.9.9M11.7 11.7l.9.9M12.6 3.4l-.9.9M4.3 11.7l-.9.9" />
    </>
  ),
  moon: (
    <>
      <path d="M13.4 9.6A5.8 5.8 0 0 1 6.4 2.6a5.8 5.8 0 1 0 7 7z" />
    </>
  ),
  dots: (
    <>
      <path d="M3.5 8h.01M8 8h.01M12.5 8h.01" strokeWidth="2" />
    </>
  ),
  stop: (
    <>
      <rect x="3.8" y="3.8" width="8.4" height="8.4" rx="1.2" />
    </>
  ),
  link: (
    <>
      <path d="M6.8 9.2a2.6 2.6 0 0 0 3.7 0l2.4-2.4a2.6 2.6 0 0 0-3.7-3.7l-.9.9M9.2 6.8a2.6 2.6 0 0 0-3.7 0L3.1 9.2a2.6 2.6 0 0 0 3.7 3.7l.9-.9" />
    </>
  ),
  copy: (
    <>
      <rect x="5.4" y="5.4" width="8.4" height="8.4" rx="1.4" />
      <path d="M10.6 5.2V3.6a1.4 1.4 0 0 0-1.4-1.4H3.6a1.4 1.4 0 0 0-1.4 1.4v5.6a1.4 1.4 0 0 0 1.4 1.4h1.6" />
    </>
  ),
  full: (
    <>
      <path d="M9.6 2.6h3.8v3.8M13.2 2.8L9.4 6.6M6.4 13.4H2.6V9.6M2.8 13.2l3.8-3.8" />
    </>
  ),
  home: (
    <>
      <path d="M2.4 7.2L8 2.4l5.6 4.8M3.8 6.4v7.2h8.4V6.4" />
    </>
  ),
  edit: (
    <>
      <path d="M2.6 13.4l.6-2.8 7.6-7.6 2.2 2.2-7.6 7.6z" />
    </>
  ),
  warn: (
    <>
      <path d="M8 2.4l6.2 11H1.8zM8 6.6v3M8 11.5h.01" />
    </>
  ),
  help: (
    <>
      <circle cx="8" cy="8" r="6" />
      <path d="M6.2 6.3c0-1 .8-1.7 1.8-1.7s1.8.6 1.8 1.6c0 1.3-1.8 1.3-1.8 2.6M8 11.3h.01" />
    </>
  ),
  trash: (
    <>
      <path d="M2.8 4.2h10.4M6 4V2.4h4V4M4 4.4l.6 9.2h6.8l.6-9.2M6.7 7v4M9.3 7v4" />
    </>
  ),
  layers: (
    <>
      <path d="M8 2l6 3-6 3-6-3zM2.3 9.3L8 12.1l5.7-2.8" />
    </>
  ),
  cpu: (
    <>
      <rect x="4" y="4" width="8" height="8" rx="1.2" />
      <path d="M6.5 1.8V4M9.5 1.8V4M6.5 12v2.2M9.5 12v2.2M1.8 6.5H4M1.8 9.5H4M12 6.5h2.2M12 9.5h2.2" />
    </>
  ),
  swap: (
    <>
      <path d="M2.6 5.4h10M10 2.8l2.6 2.6L10 8M13.4 10.6h-10M6 8l-2.6 2.6L6 13.2" />
    </>
  ),
  clock: (
    <>
      <circle cx="8" cy="8" r="6" />
      <path d="M8 4.6V8l2.4 1.6" />
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
  return (
    <svg className={`i ${isSmall ? "s" : ""} ${className}`} viewBox="0 0 16 16" aria-hidden="true">
      {SHAPES[name]}
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
