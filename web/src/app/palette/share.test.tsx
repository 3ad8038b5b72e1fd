import { screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { usePageShare } from "@/features/open-share";
import { renderControl } from "@/testing/render";
import { useActions } from "./actions";

let nOpened = 0;

function Shared({ isOffered }: { isOffered: boolean }) {
  usePageShare(
    "Share this run",
    () => {
      nOpened += 1;
    },
    isOffered,
  );
  return null;
}

function Actions() {
  const actions = useActions(() => {});
  return actions.map(({ id, label, choose }) => (
    <button key={id} type="button" onClick={choose}>
      {label}
    </button>
  ));
}

test("the command palette offers to share the page, where it can be shared and while it is there", async () => {
  const page = (isOffered: boolean) => (
    <>
      <Shared isOffered={isOffered} />
      <Actions />
    </>
  );
  const { user, show } = renderControl(page(true));
  await user.click(screen.getByRole("button", { name: "Share this run" }));
  expect(nOpened).toBe(1);
  show(page(false));
  expect(screen.queryByRole("button", { name: "Share this run" })).toBeNull();
  show(<Actions />);
  expect(screen.getByRole("button", { name: "Keyboard shortcuts" })).toBeTruthy();
});
