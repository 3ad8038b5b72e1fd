import { screen } from "@testing-library/react";
import { useState } from "react";
import { describe, expect, test, vi } from "vitest";
import { renderControl } from "@/testing/render";
import { NumberField, TextField } from "./field";

describe("a text field", () => {
  test("has its label, and its hint until something is wrong", () => {
    const { show } = renderControl(<TextField label="Name" value="" hint="Any text" onChange={() => {}} />);
    const field = screen.getByLabelText("Name");
    expect(document.getElementById(field.getAttribute("aria-describedby")!)!.textContent).toBe("Any text");
    show(<TextField label="Name" value="" hint="Any text" error="Taken" onChange={() => {}} />);
    expect(screen.getByRole("alert").textContent).toBe("Taken");
    expect(field.getAttribute("aria-invalid")).toBe("true");
    expect(screen.queryByText("Any text")).toBeNull();
  });

  test("tells each letter", async () => {
    const onChange = vi.fn();
    const { user } = renderControl(<TextField label="Name" isBare value="a" onChange={onChange} />);
    await user.type(screen.getByRole("textbox", { name: "Name" }), "b");
    expect(onChange).toHaveBeenCalledExactlyOnceWith("ab");
  });
});

function Weight({ onChange, ...rest }: { readonly isWhole?: boolean; onChange(value: number | null): void }) {
  const [value, setValue] = useState<number | null>(3);
  return (
    <>
      <NumberField
        label="Weight"
        value={value}
        min={-5}
        max={10}
        onChange={(next) => {
          setValue(next);
          onChange(next);
        }}
        {...rest}
      />
      <button type="button">elsewhere</button>
    </>
  );
}

describe("a number field", () => {
  const field = () => screen.getByRole("textbox") as HTMLInputElement;
  const replace = (text: string) => `{Control>}a{/Control}${text}`;

  test.each([
    ["4.5", 4.5],
    ["−2", -2],
    ["−2e−3", -0.002],
    ["1e0", 1],
    ["{Backspace}", null],
  ])("takes %s when the focus leaves", async (typed, number) => {
    const onChange = vi.fn();
    const { user } = renderControl(<Weight onChange={onChange} />);
    await user.click(field());
    await user.keyboard(replace(typed));
    expect(onChange).not.toHaveBeenCalled();
    await user.click(screen.getByText("elsewhere"));
    expect(onChange).toHaveBeenCalledExactlyOnceWith(number);
  });

  test.each([
    ["abc", "Not a number: abc"],
    ["11", "Between -5 and 10"],
    ["-6", "Between -5 and 10"],
  ])("refuses %s and says why", async (typed, reason) => {
    const onChange = vi.fn();
    const { user } = renderControl(<Weight onChange={onChange} />);
    await user.click(field());
    await user.keyboard(`${replace(typed)}{Enter}`);
    expect(screen.getByRole("alert").textContent).toBe(reason);
    await user.click(screen.getByText("elsewhere"));
    expect(onChange).not.toHaveBeenCalled();
  });

  test("refuses a fraction where a whole number is wanted", async () => {
    const { user } = renderControl(<Weight isWhole onChange={vi.fn()} />);
    await user.type(field(), ".5");
    expect(screen.getByRole("alert").textContent).toBe("Not a whole number: 3.5");
  });

  test("Enter takes it once, Escape brings back what there was", async () => {
    const onChange = vi.fn();
    const { user } = renderControl(<Weight onChange={onChange} />);
    await user.click(field());
    await user.keyboard(`${replace("7")}{Enter}`);
    await user.click(screen.getByText("elsewhere"));
    expect(onChange).toHaveBeenCalledExactlyOnceWith(7);
    await user.click(field());
    await user.keyboard(`${replace("9")}{Escape}`);
    expect(field().value).toBe("7");
  });
});
