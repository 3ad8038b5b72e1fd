import { describe, expect, it } from "vitest";
import { environmentOf, lackingText, remoteLink, whyNone } from "./environment";

const GB = 1e9;

describe("a run's environment", () => {
  it("is a command that a shell takes, an option per line when it is long", () => {
    const command = (noted: Record<string, unknown>) => environmentOf(noted, {}, null).command;
    expect(command({ program: "train.py", args: ["--name", "two words"] })).toBe(
      "python train.py --name 'two words'",
    );
    const args = ["--config", "configs/convnext_tiny.yaml", "--loss", "lovasz", "--lr", "6e-4", "-n", "it's"];
    expect(command({ program: "/opt/run", args })).toBe(
      "/opt/run \\\n  --config configs/convnext_tiny.yaml \\\n  --loss lovasz \\\n  --lr 6e-4 \\\n  -n 'it'\\''s'",
    );
  });

  it("is read as W&B's client writes it, too", () => {
    const noted = {
      os: "Linux-6.8",
      python: "3.12.4",
      gpu: "H100",
      gpu_count: 8,
      git: { commit: "9f31c7e", remote: "git@host:x/y.git" },
      root: "/home/mara",
    };
    const facts = environmentOf(noted, {}, "node-7");
    expect(facts).toMatchObject({ folder: "/home/mara", command: null, git: { commit: "9f31c7e" } });
    expect(Object.fromEntries(facts.machine.map(({ name, text }) => [name, text]))).toEqual({
      Host: "node-7",
      System: "Linux-6.8",
      GPU: "8 × H100",
      Python: "3.12.4",
    });
  });

  it("names equal GPUs once and what started the process, and adds up what was redacted", () => {
    const gathered = {
      gpu: "A40",
      gpu_nvidia: [
        { name: "A40", memoryTotal: String(48 * GB) },
        { name: "H100", memoryTotal: String(80 * GB) },
        { name: "A40", memoryTotal: String(48 * GB) },
      ],
      driver: "550.54",
      cudaVersion: "12.4",
      slurm: { job_id: "77", job_num_nodes: "2" },
      torchrun: { rank: "0", world_size: "16" },
      redacted: { github: 1, named: 1 },
    };
    const facts = environmentOf({ redacted: { named: 2 } }, gathered, null);
    expect(facts.machine.map(({ text }) => text)).toEqual([
      "2 × A40, 48.0 GB; H100, 80.0 GB",
      "550.54, CUDA 12.4",
      "job 77, 2 nodes",
      "rank 0 of 16",
    ]);
    expect(facts.redacted).toEqual([
      ["named", 3],
      ["github", 1],
    ]);
  });

  it("links a remote that has a page, without what stands before its host", () => {
    expect(remoteLink("https://me:***@example.org/a/b.git")).toBe("https://example.org/a/b");
    expect(remoteLink("git@example.org:a/b.git")).toBeNull();
    expect(remoteLink("javascript:alert(1)")).toBeNull();
  });

  it("says why something of it is not there", () => {
    const noted = { program: "train.py", host: "x", weft: "1" };
    const ended = { isRunning: false, sinceSecs: 600, noted };
    const of = (gathered: Record<string, unknown> | null, more: object = {}) =>
      whyNone("changes", { ...ended, gathered, ...more });
    expect(of(null, { noted: { weft: "1" } }).reason).toContain("disable_metadata");
    expect(of(null, { isRunning: true, sinceSecs: 2 }).title).toBe("Not there yet");
    expect(of(null, { sinceSecs: 0.5 }).reason).toContain("after the end");
    expect(of(null, { sinceSecs: 0.5, noted: { ...noted, weft: undefined } }).title).toBe("Not recorded");
    expect(of(null).reason).toContain("environment.json");
    expect(of({ cpu: "x" }).title).toBe("No repository");
    expect(of({ cpu: "x" }, { isRunning: true, sinceSecs: 2 }).title).toBe("No repository");
    expect(of({ git: { commit: "1", dirty: false } }).title).toBe("No uncommitted changes");
    expect(of({ git: { commit: "1", dirty: null } }).title).toBe("Not recorded");
    expect(of({ git: { dirty: true } }).reason).toContain("disable_code");
    const notes = ["diff.patch is not stored: it is larger than 10 MB"];
    expect(of({ git: { dirty: true }, notes }).reason).toBe(notes[0]);
    expect(of({ git: {}, notes: ["git: it was not recorded in time"] }).title).toBe("Not recorded");
    expect(lackingText(["commit", "packages"], { ...ended, gathered: null })).toEqual([
      expect.stringMatching(/^Commit and packages not recorded: The run has no environment.json/),
    ]);
    expect(lackingText(["commit", "packages"], { ...ended, gathered: { cpu_count: 2 } })).toEqual([]);
  });
});
