/**
 * The computed style of an element in component tests, where no style sheet is loaded: its own style, the display
 * of its tag, and what it inherits. jsdom compares each rule of its own style sheet with each element that a query
 * by role or a click looks at: a fifth of the time of these tests.
 */

const DISPLAY_OF_TAGS: Readonly<Record<string, string>> = {
  li: "list-item",
  slot: "contents",
  table: "table",
  caption: "table-caption",
  thead: "table-header-group",
  tbody: "table-row-group",
  tfoot: "table-footer-group",
  tr: "table-row",
  td: "table-cell",
  th: "table-cell",
  input: "inline-block",
  button: "inline-block",
  ...displayOf(
    "block",
    "html body address article aside blockquote dd details dialog div dl dt fieldset figcaption figure footer form h1",
    "h2 h3 h4 h5 h6 header hr legend main menu nav ol p pre search section summary ul",
  ),
  ...displayOf("none", "head link meta script style template title"),
};

/** Properties that an element has from those around it, with what they are where none has them. */
const INHERITED: Readonly<Record<string, string>> = { visibility: "visible", "pointer-events": "auto" };

function displayOf(display: string, ...tags: string[]): Record<string, string> {
  return Object.fromEntries(tags.flatMap((line) => line.split(" ")).map((tag) => [tag, display]));
}

function property(element: Element, name: string): string {
  const own = (element as HTMLElement).style?.getPropertyValue(name) ?? "";
  if (name === "display") {
    const isHidden = element.hasAttribute("hidden") || element.matches("dialog:not([open])");
    return own || (isHidden ? "none" : (DISPLAY_OF_TAGS[element.localName] ?? "inline"));
  }
  const initial = INHERITED[name];
  if (initial === undefined || (own && own !== "inherit")) return own;
  return element.parentElement ? property(element.parentElement, name) : initial;
}

export function computedStyle(element: Element): CSSStyleDeclaration {
  const getPropertyValue = (name: string) => property(element, name);
  return new Proxy({} as CSSStyleDeclaration, {
    get: (_, name) =>
      name === "getPropertyValue"
        ? getPropertyValue
        : getPropertyValue(String(name).replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)),
  });
}
