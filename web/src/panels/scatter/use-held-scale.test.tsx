import { render, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { useHeldScale } from "./use-held-scale";

function Scale({ column = "config.lr", values }: { column?: string; values: readonly unknown[] }) {
  return <p>{useHeldScale("auto", column, values)}</p>;
}

test("an axis that is logarithmic by itself stays so when a filter leaves values near each other", () => {
  const { rerender } = render(<Scale values={[1e-4, 1e-3, 1e-2]} />);
  const expectScale = (scale: string) => expect(screen.getByText(scale)).toBeTruthy();
  expectScale("auto");
  rerender(<Scale values={[1e-3, 2e-3]} />);
  expectScale("log");
  // 0 has no place there, and texts stand side by side
  rerender(<Scale values={[0, 1e-3, 2e-3]} />);
  expectScale("auto");
  rerender(<Scale values={["cosine", "linear"]} />);
  expectScale("auto");
  // another column has been wide in no answer
  rerender(<Scale column="config.seed" values={[1, 2]} />);
  expectScale("auto");
});
