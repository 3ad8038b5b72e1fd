import { describe, expect, it } from "vitest";
import { machineFacts } from "./machine-facts";

describe("what a run noted of its machine", () => {
  it("is a command that a shell takes, an option per line when it is long", () => {
    expect(machineFacts({ program: "train.py", args: ["--name", "two words"] }, null).command).toBe(
      "python train.py --name 'two words'",
    );
    const args = ["--config", "configs/convnext_tiny.yaml", "--loss", "lovasz", "--lr", "6e-4", "-n", "it's"];
    expect(machineFacts({ program: "/opt/run", args }, null).command).toBe(
      "/opt/run \\\n  --config configs/convnext_tiny.yaml \\\n  --loss lovasz \\\n  --lr 6e-4 \\\n  -n 'it'\\''s'",
    );
  });

  it("is read as W&B's client writes it, too", () => {
    const noted = {
      os: "Linux-6.8",
      python: "3.12.4",
      gpu: "H100",
      gpu_count: 8,
      cpu_count: 96,
      git: { commit: "9f31c7e", remote: "git@host:x/y.git" },
      root: "/home/mara",
    };
    expect(machineFacts(noted, "node-7")).toMatchObject({
      host: "node-7",
      gpu: "8 × H100",
      commit: "9f31c7e",
      remote: "git@host:x/y.git",
      folder: "/home/mara",
      command: null,
    });
  });
});
