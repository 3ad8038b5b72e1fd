/** Per-browser choices: theme, widths, colours. Never fails, as storage may be off or full. */

/** The stored text of `weft-{name}`, or null. */
export function readStored(name: string): string | null {
  try {
    return localStorage.getItem(`weft-${name}`);
  } catch {
    return null;
  }
}

/** Store a text as `weft-{name}`; null forgets it. */
export function writeStored(name: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(`weft-${name}`);
    else localStorage.setItem(`weft-${name}`, value);
  } catch {
    // private mode: the choice holds until the page is closed
  }
}
