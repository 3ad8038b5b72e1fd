import { screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { renderControl } from "@/testing/render";
import { PageRows, useFirstRows } from "./page-rows";

function List({ n }: { n: number }) {
  const { nShown, button } = useFirstRows(n, 2 * n);
  return (
    <section>
      <PageRows count={nShown} px={26} row={(index) => <p key={index}>row {index}</p>} />
      {button}
    </section>
  );
}

const nRows = () => screen.queryAllByText(/^row /).length;

test("a long list begins with its first rows, and a button shows all of them", async () => {
  const { user } = renderControl(<List n={312} />);
  expect(nRows()).toBe(12);
  await user.click(screen.getByRole("button", { name: "Show all 624" }));
  expect(nRows()).toBe(312);
  expect(screen.getByText("row 311")).toBeTruthy();
  await user.click(screen.getByRole("button", { name: "Show fewer" }));
  expect(nRows()).toBe(12);
});

test("a list that is a little longer is whole", () => {
  renderControl(<List n={16} />);
  expect(nRows()).toBe(16);
  expect(screen.queryByRole("button")).toBeNull();
});
