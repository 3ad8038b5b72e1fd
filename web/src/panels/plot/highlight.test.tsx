import { fireEvent, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it } from "vitest";
import { highlightedRun } from "@/charts/shared-state";
import { highlightOnHover } from "./highlight";

function Legend({ names }: { names: readonly string[] }) {
  return (
    <div>
      {names.map((name) => (
        <span key={name} {...highlightOnHover(name)}>
          <b>{name}</b>
        </span>
      ))}
      <i>elsewhere</i>
    </div>
  );
}

afterEach(() => highlightedRun.set(null));

describe("the run of an entry under the pointer", () => {
  it("is highlighted until the pointer leaves it", async () => {
    const user = userEvent.setup();
    render(<Legend names={["a", "b"]} />);
    await user.hover(screen.getByText("a"));
    expect(highlightedRun.get()).toBe("a");
    await user.hover(screen.getByText("b"));
    expect(highlightedRun.get()).toBe("b");
    await user.hover(screen.getByText("elsewhere"));
    expect(highlightedRun.get()).toBeNull();
  });

  it("is no longer highlighted where the entry was removed without being left", async () => {
    const user = userEvent.setup();
    const { rerender } = render(<Legend names={["a", "b"]} />);
    await user.hover(screen.getByText("a"));
    rerender(<Legend names={["b"]} />);
    fireEvent.pointerOver(screen.getByText("elsewhere"));
    expect(highlightedRun.get()).toBeNull();
  });
});
