/**
 * What a run's metadata and environment files say of its machine and code, also as W&B's client writes them. Pure.
 */

import { formatBytes, formatNoun } from "./format";

/** One line of the page: a name and what stands after it. */
interface NamedFact {
  readonly name: string;
  readonly text: string;
}

export interface Environment {
  /** Host, system, processors, memory, GPUs, Python and what started the process. */
  readonly machine: readonly NamedFact[];
  readonly git: {
    readonly commit: string | null;
    readonly branch: string | null;
    readonly remote: string | null;
    readonly isDirty: boolean;
  };
  /** The script in its repository. */
  readonly codePath: string | null;
  /** The script among the run's files. */
  readonly code: string | null;
  readonly command: string | null;
  /** Where the command was given. */
  readonly folder: string | null;
  /** What could not be found out. */
  readonly notes: readonly string[];
  /** How many secrets were replaced, by kind, the most frequent first. */
  readonly redacted: readonly (readonly [kind: string, count: number])[];
}

export type Noted = Readonly<Record<string, unknown>>;

/**
 * @param noted what the script noted when it began: `metadata.json`.
 * @param gathered what was gathered a second later: `environment.json`.
 */
export function environmentOf(noted: Noted, gathered: Noted, host: string | null): Environment {
  const all: Noted = { ...noted, ...gathered };
  const git = part(all.git);
  return {
    machine: machineOf(all, host),
    git: {
      commit: text(git.commit),
      branch: text(git.branch),
      remote: text(git.remote),
      isDirty: git.dirty === true,
    },
    codePath: text(all.codePath),
    code: text(all.code),
    command: commandOf(all),
    folder: text(all.cwd) ?? text(all.root),
    notes: Array.isArray(all.notes) ? all.notes.map(String) : [],
    redacted: redactedOf(part(noted.redacted), part(gathered.redacted)),
  };
}

/** The address of a remote's page; null where it has none, as `git@host:x.git`. */
export function remoteLink(remote: string): string | null {
  if (!/^https?:\/\//.test(remote) || !URL.canParse(remote)) return null;
  const url = new URL(remote);
  url.username = url.password = "";
  return url.href.replace(/\.git\/?$/, "");
}

/** What of the environment a person asks for. */
export type Wanted = "packages" | "changes" | "code";

interface Circumstances {
  readonly isRunning: boolean;
  readonly runtimeSecs: number;
  readonly noted: Noted | null;
  readonly gathered: Noted | null;
}

/** So long after its start the environment of a run is complete. */
const GATHERED_SECS = 100;
/** A script that takes less may end before its environment is gathered. */
const SHORT_SECS = 5;

/** Why a run has none of what is asked for. */
export function whyNone(
  wanted: Wanted,
  { isRunning, runtimeSecs, noted, gathered }: Circumstances,
): { readonly title: string; readonly reason: string } {
  if (noted && !noted.program && !noted.host && !gathered)
    return { title: "Not recorded", reason: "The setting disable_metadata was on." };
  const git = part(gathered?.git);
  const isComplete = Object.keys(git).length > 0 || !isRunning || runtimeSecs > GATHERED_SECS;
  if (!isComplete)
    return {
      title: "Not there yet",
      reason: "It is gathered in the first seconds of a script, and then sent.",
    };
  if (!gathered && runtimeSecs < SHORT_SECS)
    return { title: "Not recorded", reason: "The script ended before its environment was gathered." };
  if (!gathered)
    return {
      title: "Not recorded",
      reason:
        "The run has no environment.json: it was offline without system metrics, or its files have not been sent.",
    };
  const about = { packages: "packages:", changes: "diff", code: "code:" }[wanted];
  const note = environmentOf({}, gathered, null).notes.find((one) => one.startsWith(about));
  if (note) return { title: "Not stored", reason: note };
  if (wanted === "packages")
    return { title: "No packages", reason: "The script could import no installed package." };
  if (wanted === "code")
    return {
      title: "No code",
      reason: "save_code=False or disable_code was set, or the script was an interactive session.",
    };
  if (Object.keys(git).length === 0)
    return {
      title: "No repository",
      reason: "The script was in no git repository, or disable_git was set.",
    };
  if (git.dirty === true)
    return { title: "Not stored", reason: "There were uncommitted changes, and disable_code was set." };
  return { title: "No uncommitted changes", reason: "The commit has all of the code." };
}

/** Whether more of a running script's environment may come. */
export function isGathering({ isRunning, runtimeSecs, gathered }: Circumstances): boolean {
  return isRunning && runtimeSecs < GATHERED_SECS && !gathered?.git;
}

function machineOf(all: Noted, host: string | null): NamedFact[] {
  const memory = Number(part(all.memory).total);
  const cpu = text(all.cpu);
  const cores = number(all.cpu_count);
  const cuda = text(all.cudaVersion);
  const driver = text(all.driver);
  const facts: readonly (readonly [string, string | null])[] = [
    ["Host", host ?? text(all.host)],
    ["System", text(all.os)],
    ["CPU", joined(cpu, cores === null ? null : formatNoun(cores, "core"))],
    ["Memory", memory > 0 ? formatBytes(memory) : null],
    ["GPU", gpuOf(all)],
    ["Driver", joined(driver, cuda && `CUDA ${cuda}`)],
    ["Python", joined(text(all.python), other(text(all.implementation)))],
    ["Conda", text(part(all.conda).default_env)],
    ["SLURM", slurmOf(part(all.slurm))],
    ["torchrun", torchrunOf(part(all.torchrun))],
    ["Kubernetes", joined(text(part(all.kubernetes).pod), text(part(all.kubernetes).namespace))],
    ["Container", text(all.container)],
    ["weft", text(all.weft)],
  ];
  return facts.flatMap(([name, said]) => (said ? [{ name, text: said }] : []));
}

/** `2 × H100, 80 GB; 1 × A40, 48 GB`: the same ones together. */
function gpuOf(all: Noted): string | null {
  const each = [all.gpu_nvidia, all.gpu_amd].flatMap((some) => (Array.isArray(some) ? some.map(part) : []));
  const counts = new Map<string, number>();
  for (const gpu of each) {
    const bytes = Number(gpu.memoryTotal);
    const words = joined(text(gpu.name), bytes > 0 ? formatBytes(bytes) : null);
    if (words) counts.set(words, (counts.get(words) ?? 0) + 1);
  }
  if (counts.size > 0) return [...counts].map(([words, n]) => (n > 1 ? `${n} × ${words}` : words)).join("; ");
  const gpu = text(all.gpu);
  const n = each.length || number(all.gpu_count) || 1;
  return gpu && n > 1 ? `${n} × ${gpu}` : gpu;
}

function slurmOf(slurm: Noted): string | null {
  const nodes = Number(slurm.job_num_nodes ?? slurm.nnodes);
  const job = text(slurm.job_id);
  return joined(job && `job ${job}`, text(slurm.job_name), nodes > 0 ? formatNoun(nodes, "node") : null);
}

function torchrunOf({ rank, world_size }: Noted): string | null {
  const n = Number(world_size);
  const own = text(rank);
  return own && n > 0 ? `rank ${own} of ${n}` : own && `rank ${own}`;
}

function redactedOf(...counts: readonly Noted[]): (readonly [string, number])[] {
  const totals = new Map<string, number>();
  for (const one of counts)
    for (const [kind, n] of Object.entries(one))
      if (typeof n === "number") totals.set(kind, (totals.get(kind) ?? 0) + n);
  return [...totals].sort(([, a], [, b]) => b - a);
}

/** The command line with an option per line when it is long, each text quoted where a shell needs it. */
function commandOf(noted: Noted): string | null {
  const program = text(noted.program);
  if (!program) return null;
  const options = Array.isArray(noted.args) ? noted.args.map(String) : [];
  const words = [...(program.endsWith(".py") ? ["python"] : []), program, ...options].map(quoted);
  const line = words.join(" ");
  if (line.length <= LINE) return line;
  return words.join(" ").replaceAll(/ (?=--?[A-Za-z])/g, " \\\n  ");
}

const LINE = 72;

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function other(implementation: string | null): string | null {
  return implementation === "cpython" ? null : implementation;
}

function joined(...words: readonly (string | null)[]): string | null {
  return words.filter(Boolean).join(", ") || null;
}

function part(value: unknown): Noted {
  return value !== null && typeof value === "object" ? (value as Noted) : {};
}

function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

function number(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}
