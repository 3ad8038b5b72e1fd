import { useRef } from "react";
import { expect, test, vi } from "vitest";
import { renderControl } from "@/testing/render";
import { useFittedWidths } from "./fitted-widths";

const COLUMNS = [
  { id: "name", mostPx: null },
  { id: "loss", mostPx: 200 },
];

function Rows({ values }: { readonly values: readonly string[] }) {
  const scroll = useRef<HTMLDivElement>(null);
  const widths = useFittedWidths(scroll, COLUMNS);
  return (
    <div ref={scroll}>
      {values.map((value, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows of a test
        <div key={i} data-row={i}>
          <span>run</span>
          <span>{value}</span>
        </div>
      ))}
      <output>{widths.get("loss") ?? "as at first"}</output>
    </div>
  );
}

test("cells are measured when their row comes into sight or its text changes, and grow no further than is allowed", () => {
  // of ten pixels a letter, in cells of twenty
  const measured: string[] = [];
  vi.spyOn(HTMLElement.prototype, "offsetWidth", "get").mockReturnValue(20);
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(20);
  vi.spyOn(Element.prototype, "scrollWidth", "get").mockImplementation(function (this: Element) {
    measured.push(this.textContent);
    return 10 * this.textContent.length;
  });
  const { show } = renderControl(<Rows values={["1", "2"]} />);
  const output = () => document.querySelector("output")!.textContent;
  expect(measured).toEqual(["1", "2"]);
  show(<Rows values={["1", "2"]} />);
  expect(measured).toEqual(["1", "2"]);
  show(<Rows values={["1", "3", "4"]} />);
  expect(measured).toEqual(["1", "2", "3", "4"]);
  expect(output()).toBe("as at first");
  show(<Rows values={["1", "3", "12345"]} />);
  expect(output()).toBe("51");
  show(<Rows values={["1", "3", "1".repeat(40)]} />);
  expect(output()).toBe("200");
});
