/**
 * A fraction for each id, from 0 to below 1 and always the same, so that marks of the same value do not hide each other.
 *
 * Source: FNV-1a, 32 bit, then mixed (murmur3's finaliser), as ids often differ in their last letter only.
 */
export function fractionOfId(id: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < id.length; i++) h = Math.imul(h ^ id.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return ((h ^ (h >>> 16)) >>> 0) / 2 ** 32;
}
