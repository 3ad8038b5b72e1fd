import { expect, test } from "vitest";
import { packageVersions } from "./packages";

test("lines of pip freeze are packages with their versions", () => {
  const text = "numpy==2.1.0\n# a comment\n\ntorch @ file:///wheels/torch.whl\nmine\nwandb[media]==0.18\r\n";
  expect([...packageVersions(text)]).toEqual([
    ["numpy", "2.1.0"],
    ["torch", "file:///wheels/torch.whl"],
    ["mine", "installed"],
    ["wandb", "0.18"],
  ]);
  expect(packageVersions("").size).toBe(0);
  expect([...packageVersions("-e git+https://x/y#egg=z")][0]![1]).toContain("git+https");
});
