/** Design tokens for the canvas: read once per theme, forgotten when theme or palette change. */

const cache = new Map<string, string>();
const listeners = new Set<() => void>();
let watching = false;

/** A colour with two digits for each of its parts: the build shortens `#ffffff` to `#fff`. Other values as they are. */
export function wholeHex(value: string): string {
  return /^#[0-9a-f]{3}$/i.test(value) ? value.replace(/[0-9a-f]/gi, "$&$&") : value;
}

/** The value of `--w-{name}`. */
export function token(name: string): string {
  let value = cache.get(name);
  if (value === undefined) {
    value = wholeHex(getComputedStyle(document.documentElement).getPropertyValue(`--w-${name}`).trim());
    cache.set(name, value);
  }
  return value;
}

/** A run colour, 1 … 12, or a person's own choice among them. */
export function runToken(color: number): string {
  return token(`run-${color}`);
}

/** `#rrggbb` with an alpha. */
export function withAlpha(hex: string, alpha: number): string {
  const n = Number.parseInt(hex.slice(1), 16);
  return `rgba(${n >> 16},${(n >> 8) & 255},${n & 255},${alpha})`;
}

/** A run colour as parts from 0 to 1. */
export function runRgb(color: number): readonly [number, number, number] {
  const n = Number.parseInt(runToken(color).slice(1), 16);
  return [(n >> 16) / 255, ((n >> 8) & 255) / 255, (n & 255) / 255];
}

/** Whether runs 9 … 12 share a hue with 1 … 4 and need a dotted line. */
export function repeatsHues(): boolean {
  return document.documentElement.dataset.palette === "safe";
}

/** Be told when theme or palette have changed; returns the function that ends it. */
export function onTokensChange(listener: () => void): () => void {
  if (!watching) {
    watching = true;
    new MutationObserver(() => {
      cache.clear();
      for (const tell of listeners) tell();
    }).observe(document.documentElement, { attributeFilter: ["data-theme", "data-palette"] });
    // text measured before the font is here is drawn in the fallback
    void document.fonts.ready.then(() => {
      for (const tell of listeners) tell();
    });
  }
  listeners.add(listener);
  return () => listeners.delete(listener);
}
