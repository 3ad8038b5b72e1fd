import { afterEach, expect, test } from "vitest";
import { copyNumbersForPrograms } from "./copied-numbers";

let stop = () => {};
afterEach(() => {
  stop();
  document.body.replaceChildren();
});

/** The text that a copy of all of an element puts in the clipboard; null: the browser does it. */
function copied(element: Element): string | null {
  document.getSelection()?.selectAllChildren(element);
  const values = new Map<string, string>();
  const event = new Event("copy", { bubbles: true, cancelable: true });
  Object.assign(event, {
    clipboardData: { setData: (type: string, text: string) => values.set(type, text) },
  });
  element.dispatchEvent(event);
  return event.defaultPrevented ? values.get("text/plain")! : null;
}

test("a number is copied as a program reads it, with all digits where the page has them", () => {
  stop = copyNumbersForPrograms();
  document.body.innerHTML = `
    <p>lr 6e−4</p>
    <p><span data-exact="2.3111457">2.3111</span></p>
    <p>1,180,000,000</p>
    <p>words alone</p>
    <pre>6e−4</pre>`;
  const [lr, loss, count, words] = document.querySelectorAll("p");
  expect(copied(lr!)).toBe("lr 6e-4");
  expect(copied(loss!.firstElementChild!)).toBe("2.3111457");
  expect(copied(count!)).toBe("1180000000");
  expect(copied(words!)).toBeNull();
  // what was logged stays as it is
  expect(copied(document.querySelector("pre")!)).toBeNull();
});
