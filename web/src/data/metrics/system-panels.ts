/**
 * The panels of a run's machines, from the names of its system metrics: what belongs together is drawn
 * together, with its unit, each device a curve. Pure.
 */

import { inNaturalOrder } from "../text/natural-order";
import { makePanel, onlyMetricOf, type Panel } from "../view/panel";

interface CurveSpot {
  readonly section: string;
  readonly title: string;
  /** Name of the curve where a panel has several. */
  readonly curve: string;
  /** The curve is this times what was measured. */
  readonly scale: number;
}

const GPU = "GPU";
const HOST = "Host and process";
const TRAFFIC = "Disk and network";
const OTHER = "Other";

/** Sections in the order of the page. */
export const SYSTEM_SECTIONS: readonly string[] = [GPU, HOST, TRAFFIC, OTHER];

/** In the order of the page. */
const PER_GPU: Readonly<Record<string, readonly [title: string, scale?: number]>> = {
  gpu: ["Utilisation, %"],
  smActive: ["SM active, %"],
  pipeTensorActive: ["Tensor cores active, %"],
  memoryAllocated: ["Memory, %"],
  memoryAllocatedBytes: ["Memory, GB", 1e-9],
  temp: ["Temperature, °C"],
  powerWatts: ["Power, W"],
  powerPercent: ["Power, % of the limit"],
  enforcedPowerLimitWatts: ["Power limit, W"],
  energyJoules: ["Energy since the driver started, kJ", 1e-3],
  smOccupancy: ["SM occupancy, %"],
  pipeTensorHmmaActive: ["Tensor cores active, FP16 and BF16, %"],
  dramActive: ["Memory bandwidth in use, %"],
  pipeFp64Active: ["FP64 pipe active, %"],
  pipeFp32Active: ["FP32 pipe active, %"],
  pipeFp16Active: ["FP16 pipe active, %"],
  memory: ["Memory access, % of the time"],
  fanSpeed: ["Fan, %"],
  smClock: ["Clock, MHz"],
  memoryClock: ["Memory clock, MHz"],
  graphicsClock: ["Graphics clock, MHz"],
  encoderUtilization: ["Encoder, %"],
  pcieTxBytes: ["PCIe sent, GB/s", 1e-9],
  pcieRxBytes: ["PCIe received, GB/s", 1e-9],
  nvlinkTxBytes: ["NVLink sent, GB/s", 1e-9],
  nvlinkRxBytes: ["NVLink received, GB/s", 1e-9],
  pcieLinkGen: ["PCIe generation"],
  pcieLinkWidth: ["PCIe lanes"],
  memoryReadWriteActivity: ["Memory access, % of the time"],
  correctedMemoryErrors: ["Memory errors, corrected"],
  uncorrectedMemoryErrors: ["Memory errors, not corrected"],
  unCorrectedMemoryErrors: ["Memory errors, not corrected"],
};

const PLAIN: Readonly<Record<string, CurveSpot>> = {
  cpu: of(HOST, "CPU of the process, %", "all cores"),
  memory_percent: of(HOST, "Memory, %", "machine"),
  swap_percent: of(HOST, "Memory, %", "swap"),
  "proc.memory.percent": of(HOST, "Memory, %", "process"),
  "proc.memory.rssMB": of(HOST, "Memory, GB", "held by the process", 1 / 1024),
  "proc.memory.availableMB": of(HOST, "Memory, GB", "free on the machine", 1 / 1024),
  "proc.cpu.threads": of(HOST, "Threads", "process"),
  "network.sent": of(TRAFFIC, "Network since the start, MB", "sent", 1e-6),
  "network.recv": of(TRAFFIC, "Network since the start, MB", "received", 1e-6),
  "network.tcpRetransmits": of(TRAFFIC, "TCP segments sent again since the start", "machine"),
};

const OF_THE_PROCESS = ", of the process";
const CORES = "CPU cores, %";
const GPU_TITLES = Object.values(PER_GPU).map(([title]) => title);

/** Titles in the order of the page; others follow in the order of their names. */
const TITLES: Readonly<Record<string, readonly string[]>> = {
  [GPU]: [...GPU_TITLES, ...GPU_TITLES.map((title) => title + OF_THE_PROCESS)],
  [HOST]: ["CPU of the process, %", CORES, "Memory, %", "Memory, GB", "Threads"],
};

function of(section: string, title: string, curve: string, scale = 1): CurveSpot {
  return { section, title, curve, scale };
}

function find(name: string): CurveSpot {
  const plain = PLAIN[name];
  if (plain) return plain;
  const gpu = /^gpu\.(process\.)?(\d+)\.(.+)$/.exec(name);
  if (gpu) {
    const [, process, device, figure] = gpu;
    const [title, scale] = PER_GPU[figure!] ?? [figure!];
    return of(GPU, process ? title + OF_THE_PROCESS : title, `GPU ${device}`, scale);
  }
  const core = /^cpu\.(\d+)\.cpu_percent$/.exec(name);
  if (core) return of(HOST, CORES, `core ${core[1]}`);
  const disk = /^disk\.(.+)\.(usagePercent|usageGB|in|out)$/.exec(name);
  if (disk) {
    const [, mount, figure] = disk;
    if (figure === "usagePercent") return of(TRAFFIC, "Disk in use, %", mount!);
    if (figure === "usageGB") return of(TRAFFIC, "Disk in use, GB", mount!);
    const curve = `${mount} ${figure === "in" ? "read" : "written"}`;
    return of(TRAFFIC, "Disk since the start, GB", curve, 1e-3);
  }
  const exposed = /^openmetrics\.([^.]+)\.(.+)\.(\d+)$/.exec(name);
  if (exposed) return of(OTHER, `${exposed[2]}, ${exposed[1]}`, exposed[3]!);
  return of(OTHER, name, name);
}

const PREFIX = /^system\./;

/** Titles of plain metrics that several have. */
const SHARED = new Set(
  Object.values(PLAIN)
    .map(({ title }) => title)
    .filter((title, i, titles) => titles.indexOf(title) < i),
);

/** The panel of one system metric with its title and unit: `Memory, GB: free on the machine`; other panels as they are. */
export function namedSystemPanel(panel: Panel): Panel {
  const metric = onlyMetricOf(panel);
  if (metric === null || panel.title !== null || panel.kind !== "line") return panel;
  const { section, title, curve, scale } = find(metric.replace(PREFIX, ""));
  if (section === OTHER && title === curve) return panel;
  const isOneOfMany = !Object.values(PLAIN).some((plain) => plain.title === title) || SHARED.has(title);
  const name = isOneOfMany ? `${title}: ${curve}` : title;
  if (scale === 1) return { ...panel, title: name };
  return { ...panel, title: name, keys: [], expressions: [{ name, text: scaled(metric, scale) }] };
}

function scaled(metric: string, scale: number): string {
  const quoted = JSON.stringify(metric);
  return scale === 1 ? quoted : `${quoted} * ${scale}`;
}

/** Panels of system metrics; the samplers' names begin with `system.`. */
export function systemPanels(metrics: readonly string[]): Panel[] {
  const byId = new Map<string, { readonly spot: CurveSpot; readonly curves: Map<string, string> }>();
  for (const metric of inNaturalOrder(metrics)) {
    const spot = find(metric.replace(PREFIX, ""));
    const id = `${spot.section}: ${spot.title}`;
    const panel = byId.get(id) ?? { spot, curves: new Map<string, string>() };
    byId.set(id, panel);
    panel.curves.set(spot.curve, scaled(metric, spot.scale));
  }
  const panels = [...byId].sort(([, { spot: a }], [, { spot: b }]) => inOrder(a, b));
  return panels.map(([id, { spot, curves }]) =>
    makePanel(id, "line", spot.section, {
      title: spot.title,
      expressions: [...curves].map(([name, text]) => ({ name, text })),
    }),
  );
}

function inOrder(a: CurveSpot, b: CurveSpot): number {
  return SYSTEM_SECTIONS.indexOf(a.section) - SYSTEM_SECTIONS.indexOf(b.section) || rankOf(a) - rankOf(b);
}

function rankOf({ section, title }: CurveSpot): number {
  const titles = TITLES[section] ?? [];
  return titles.includes(title) ? titles.indexOf(title) : titles.length;
}
