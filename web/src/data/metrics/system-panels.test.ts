import { describe, expect, it } from "vitest";
import { autoPanel } from "../view/panel";
import { panelNames } from "../view/panel-names";
import { cascade } from "../view/settings";
import { FIRST_VIEW, settingsOf } from "../view/view";
import { namedSystemPanel, systemPanels } from "./system-panels";

describe("panels of system metrics", () => {
  it("draw each device as a curve of one panel, in the order of their numbers", () => {
    const panels = systemPanels([
      "system.gpu.10.gpu",
      "system.gpu.2.gpu",
      "system.gpu.2.temp",
      "system.gpu.process.2.gpu",
    ]);
    expect(panels.map(({ section, title }) => [section, title])).toEqual([
      ["GPU", "Utilisation, %"],
      ["GPU", "Temperature, °C"],
      ["GPU", "Utilisation, %, of the process"],
    ]);
    expect(panels[0]!.expressions).toEqual([
      { name: "GPU 2", text: '"system.gpu.2.gpu"' },
      { name: "GPU 10", text: '"system.gpu.10.gpu"' },
    ]);
  });

  it("put machine and process together, in units that people read", () => {
    const [memory] = systemPanels(["system.proc.memory.rssMB", "system.proc.memory.availableMB"]);
    expect(memory!.title).toBe("Memory, GB");
    expect(memory!.expressions.map(({ name, text }) => [name, text])).toEqual([
      ["free on the machine", '"system.proc.memory.availableMB" * 0.0009765625'],
      ["held by the process", '"system.proc.memory.rssMB" * 0.0009765625'],
    ]);
  });

  it("draw the series of an endpoint's metric together, and each GPU's errors and links", () => {
    const panels = systemPanels([
      "system.gpu.0.uncorrectedMemoryErrors",
      "system.gpu.0.pcieLinkWidth",
      "system.openmetrics.dcgm.DCGM_FI_DEV_GPU_TEMP.0",
      "system.openmetrics.dcgm.DCGM_FI_DEV_GPU_TEMP.1",
      "system.swap_percent",
    ]);
    expect(panels.map(({ title, expressions }) => [title, expressions.map(({ name }) => name)])).toEqual([
      ["PCIe lanes", ["GPU 0"]],
      ["Memory errors, not corrected", ["GPU 0"]],
      ["Memory, %", ["swap"]],
      ["DCGM_FI_DEV_GPU_TEMP, dcgm", ["0", "1"]],
    ]);
  });

  it("begin with what people look for, and end with what has no name here", () => {
    const names = [
      "gpu.0.correctedMemoryErrors",
      "gpu.0.gpu",
      "gpu.0.aNewOne",
      "gpu.process.0.gpu",
      "gpu.0.temp",
    ];
    const hosts = ["memory_percent", "cpu.0.cpu_percent", "cpu"];
    const panels = systemPanels([...names, ...hosts].map((name) => `system.${name}`));
    expect(panels.filter(({ section }) => section === "GPU").map(({ title }) => title)).toEqual([
      "Utilisation, %",
      "Temperature, °C",
      "Memory errors, corrected",
      "Utilisation, %, of the process",
      "aNewOne",
    ]);
    expect(panels.filter(({ section }) => section !== "GPU").map(({ title }) => title)).toEqual([
      "CPU of the process, %",
      "CPU cores, %",
      "Memory, %",
    ]);
  });

  it("know disks by their path, and leave nothing out", () => {
    const titles = systemPanels(["system.disk./data.usageGB", "system.disk.vda.in", "system.tpu"]).map(
      ({ title, expressions }) => [title, expressions[0]!.name, expressions[0]!.text],
    );
    expect(titles).toEqual([
      ["Disk in use, GB", "/data", '"system.disk./data.usageGB"'],
      ["Disk since the start, GB", "vda read", '"system.disk.vda.in" * 0.001'],
      ["tpu", "tpu", '"system.tpu"'],
    ]);
  });
});

describe("panels of one system metric", () => {
  const panelOf = (metric: string) => autoPanel(`auto:system.${metric}`)!;

  it("have the title and the unit of the system page", () => {
    const named = (metric: string) => panelNames(namedSystemPanel(panelOf(metric))).short;
    expect(named("cpu")).toBe("CPU of the process, %");
    expect(named("proc.cpu.threads")).toBe("Threads");
    expect(named("memory_percent")).toBe("Memory, %: machine");
    expect(named("swap_percent")).toBe("Memory, %: swap");
    expect(named("gpu.0.temp")).toBe("Temperature, °C: GPU 0");
    expect(named("own.thing")).toBe("own.thing");
    const memory = namedSystemPanel(panelOf("proc.memory.availableMB"));
    expect(memory.title).toBe("Memory, GB: free on the machine");
    expect(memory.expressions).toEqual([
      { name: memory.title, text: '"system.proc.memory.availableMB" * 0.0009765625' },
    ]);
    const renamed = { ...panelOf("cpu"), title: "mine" };
    expect(namedSystemPanel(renamed)).toBe(renamed);
  });

  it("are over time, unless an axis of time or one of their own was chosen", () => {
    const axisOf = (settings: object, ofSection: object = {}) =>
      settingsOf({ ...FIRST_VIEW, settings, sections: { system: { settings: ofSection } } }, panelOf("cpu"))
        .axis;
    expect([axisOf({}), axisOf({ axis: "step" }), axisOf({ axis: "wall" })]).toEqual([
      "time",
      "time",
      "wall",
    ]);
    expect(axisOf({}, { axis: "step" })).toBe("step");
    expect(settingsOf(FIRST_VIEW, autoPanel("auto:val/loss")!).axis).toBe(cascade().axis);
  });
});
