import { render, screen, waitFor } from "@testing-library/react";
import { expect, it } from "vitest";
import { Formula } from "./formula";
import MarkdownText from "./markdown-text";

const mathOf = (area: HTMLElement) =>
  [...area.querySelectorAll("annotation")].map((annotation) => annotation.textContent);

it("sets formulas of a text", async () => {
  const { container } = render(<MarkdownText text={"so $x^2$ and $\\mathbb{R}$ fall"} />);
  await waitFor(() => expect(mathOf(container)).toEqual(["x^2", "\\mathbb{R}"]));
  expect(container.textContent).toContain("ℝ");
});

it("leaves prices and code as they are written", () => {
  const { container } = render(
    <MarkdownText text={"$5 and $10, US$7-$8, $HOME:$PATH, `$x$`\n\n```\n$y$\n```\n"} />,
  );
  expect(container.textContent).toBe("$5 and $10, US$7-$8, $HOME:$PATH, $x$\n$y$\n");
  expect(container.querySelector(".formula")).toBe(null);
});

it("shows the source of a faulty formula with its reason", async () => {
  render(<Formula latex={"\\frac{a"} />);
  const source = await screen.findByTitle(/^Not shown as a formula: .*end of input/);
  expect(source.textContent).toBe("\\frac{a");
});

it("shows a formula that opens addresses, or expands without end, as its source", async () => {
  render(<Formula latex={"\\href{javascript:alert(1)}{x}"} />);
  await screen.findByTitle(/Unsupported function name: .href at position 1$/);
  render(<Formula latex={"\\def\\a{\\a\\a}\\a"} />);
  await screen.findByTitle(/Too many expansions/);
});
