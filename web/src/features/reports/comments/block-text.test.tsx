import { afterEach, expect, test } from "vitest";
import { selectedAnchor, textOfBlock } from "./block-text";

function articleOf(html: string): HTMLElement {
  document.body.innerHTML = `<div class="report-page"><article>${html}</article></div>`;
  return document.querySelector("article")!;
}

const BLOCK = `<div class="block" id="best"><p>The <b>loss</b> falls to
  <a class="live-value">0.91</a>, as<button>x</button> in the paper</p></div>`;

afterEach(() => {
  document.body.innerHTML = "";
});

test("a block has the text that was written, without values and buttons", () => {
  const { text, rangeOf } = textOfBlock(articleOf(BLOCK));
  expect(text).toBe("Thelossfallsto,asinthepaper");
  expect(String(rangeOf(3, 12))).toBe("loss falls");
  expect(String(rangeOf(0, 3))).toBe("The");
  expect(String(rangeOf(text.length - 5, text.length))).toBe("paper");
  expect(rangeOf(0, text.length + 1)).toBeNull();
});

test("selected words have their surroundings, and end with their block", () => {
  const article = articleOf(`${BLOCK}<div class="block" id="list"><ul><li>one</li><li>two</li></ul></div>`);
  const select = (from: Node, start: number, to: Node, end: number) => {
    document.getSelection()!.setBaseAndExtent(from, start, to, end);
    return selectedAnchor(article);
  };
  const bold = article.querySelector("b")!.firstChild!;
  expect(select(bold, 0, bold, 4)).toEqual({
    block: "best",
    exact: "loss",
    prefix: "The ",
    suffix: expect.stringContaining("falls to") as string,
  });
  const items = article.querySelectorAll("li");
  expect(select(bold, 2, items[1]!.firstChild!, 1)?.exact).toMatch(/^ss falls to\s+, as in the paper$/);
  expect(select(items[0]!.firstChild!, 0, items[1]!.firstChild!, 3)?.exact).toBe("one two");
  expect(select(bold, 1, bold, 1)).toBeNull();
  expect(select(document.body, 0, document.body, 1)).toBeNull();
});
