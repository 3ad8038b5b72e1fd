import { screen, waitFor } from "@testing-library/react";
import { useState } from "react";
import { expect, test } from "vitest";
import { renderControl } from "@/testing/render";
import { Toasts } from "../overlays/toasts";
import { ProseCard } from "./prose-card";

function Notes({ first = "" }: { first?: string }) {
  const [text, setText] = useState(first);
  const [isThere, setThere] = useState(true);
  return (
    <>
      {isThere && <ProseCard title="Notes" text={text} placeholder="What was tried" onSave={setText} />}
      <output>{text}</output>
      <button type="button" onClick={() => setThere(false)}>
        away
      </button>
      <Toasts />
    </>
  );
}

const saved = () => document.querySelector("output")!.textContent;
const box = () => screen.getByRole<HTMLTextAreaElement>("textbox", { name: "Notes" });

test("what Escape has left comes back by Undo, and is saved then", async () => {
  const { user } = renderControl(<Notes first="before" />);
  await user.click(screen.getByRole("button", { name: "Edit notes" }));
  await user.type(box(), " and after{Escape}");
  expect(screen.queryByRole("textbox")).toBeNull();
  expect(saved()).toBe("before");
  await user.click(screen.getByRole("button", { name: "Undo" }));
  expect(box().value).toBe("before and after");
  await user.click(screen.getByRole("button", { name: "Save" }));
  expect(saved()).toBe("before and after");
});

test("a text is gone on with at its end", async () => {
  const { user } = renderControl(<Notes first="before" />);
  await user.click(screen.getByRole("button", { name: "Edit notes" }));
  await user.keyboard(" and after");
  expect(box().value).toBe("before and after");
});

test("Escape without a change says nothing, and Undo goes with the card", async () => {
  const { user } = renderControl(<Notes />);
  await user.click(screen.getByRole("button", { name: "What was tried" }));
  await user.keyboard("{Escape}");
  expect(screen.queryByRole("button", { name: "Undo" })).toBeNull();
  await user.click(screen.getByRole("button", { name: "What was tried" }));
  await user.type(box(), "text{Escape}");
  expect(screen.getByRole("button", { name: "Undo" })).toBeTruthy();
  await user.click(screen.getByRole("button", { name: "away" }));
  await waitFor(() => expect(screen.queryByRole("button", { name: "Undo" })).toBeNull());
});
