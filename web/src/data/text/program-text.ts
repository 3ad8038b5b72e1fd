/** Texts of pages as programs read them, for the clipboard and from fields into which people paste them. Pure. */

/** `−1,180.5e−4`, alone: all of it is one number. */
const ONE_NUMBER = /^[+\u2212-]?(\d{1,3}(,\d{3})+|\d+)?(\.\d+)?(e[\u2212-]?\d+)?$/;

/** A text with hyphens for its minus signs: of a number that was typed, or copied from a page of another program. */
export function withHyphens(text: string): string {
  return text.replaceAll("\u2212", "-");
}

/** A text with hyphens for the minus signs of its numbers; of a number alone also without groups: `1180000000`. */
export function programText(text: string): string {
  const hyphened = text.replace(/\u2212(?=\.?\d|Inf)/g, "-");
  const number = hyphened.trim();
  return ONE_NUMBER.test(number) && /\d/.test(number) ? number.replaceAll(",", "") : hyphened;
}
