/**
 * The machine and code of a run, from its metadata and environment files, also as W&B's client writes them. Pure.
 */

import { formatBytes, formatNoun } from "../text/format";

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
  /** Facts that could not be found out. */
  readonly notes: readonly string[];
  /** Number of replaced secrets, by kind, the most frequent first. */
  readonly redacted: readonly (readonly [kind: string, count: number])[];
}

export type Noted = Readonly<Record<string, unknown>>;

/**
 * @param noted what the script noted when it began: `metadata.json`.
 * @param gathered what was gathered a second later, or after its end: `environment.json`.
 */
export function environmentOf(noted: Noted, gathered: Noted, host: string | null): Environment {
  const all: Noted = { ...noted, ...gathered };
  const git = partOf(all.git);
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
    notes: notesOf(all),
    redacted: redactedOf(partOf(noted.redacted), partOf(gathered.redacted)),
  };
}

/** The address of a remote's page; null where it has none, as `git@host:x.git`. */
export function remoteLink(remote: string): string | null {
  if (!/^https?:\/\//.test(remote) || !URL.canParse(remote)) return null;
  const url = new URL(remote);
  url.username = url.password = "";
  return url.href.replace(/\.git\/?$/, "");
}

export type EnvironmentPart = "packages" | "changes" | "code" | "commit";

interface Circumstances {
  readonly isRunning: boolean;
  /** Time since its end, or its start while it is running. */
  readonly sinceSecs: number;
  readonly noted: Noted | null;
  readonly gathered: Noted | null;
}

/** So long after its start, or its end if it was short, the environment of a run is complete. */
const GATHERED_SECS = 100;

export const NO_REPOSITORY = "No repository";

/** The beginnings of notes on what could not be recorded. */
const ABOUT = {
  packages: /^packages:/,
  changes: /^(diff|there is no patch)/,
  code: /^code:/,
  commit: /^git:/,
  machine: /^machine:/,
} as const;

/** Whether a part of a run's environment was recorded, even if it is empty. */
export function isRecorded(part: keyof typeof ABOUT, gathered: Noted | null, hasFiles: boolean): boolean {
  if (hasFiles) return true;
  if (gathered === null) return false;
  if (part === "machine") return gathered.cpu_count !== undefined;
  if (notesOf(gathered).some((note) => ABOUT[part].test(note))) return false;
  // A setting can leave out the others.
  return part === "packages" || (part !== "code" && partOf(gathered.git).commit !== undefined);
}

/** Why a run has none of what is asked for. */
export function whyNone(
  part: EnvironmentPart,
  { isRunning, sinceSecs, noted, gathered }: Circumstances,
): { readonly title: string; readonly reason: string } {
  if (noted && !noted.program && !noted.host && !gathered)
    return { title: "Not recorded", reason: "The setting disable_metadata was on." };
  const git = partOf(gathered?.git);
  const isOfWeft = noted === null || noted.weft !== undefined;
  // environment.json is sent once, after all has been looked for: also for the repository
  if (!gathered && sinceSecs <= GATHERED_SECS && isOfWeft)
    return {
      title: "Not there yet",
      reason: isRunning
        ? "It is gathered in the first seconds of a script, and then sent."
        : "It is gathered after the end of a short script, and then sent.",
    };
  if (!gathered)
    return {
      title: "Not recorded",
      reason:
        "The run has no environment.json: its machine or container stopped before it was gathered, its files have not been sent, or another program recorded the run.",
    };
  const ofGit = part === "changes" && Object.keys(git).length === 0 ? [ABOUT.commit] : [];
  const note = notesOf(gathered).find((text) => [ABOUT[part], ...ofGit].some((about) => about.test(text)));
  if (note) return { title: "Not recorded", reason: note };
  if (part === "packages")
    return { title: "No packages", reason: "The script could import no installed package." };
  if (part === "code")
    return {
      title: "No code",
      reason: "save_code=False or disable_code was set, or the script was an interactive session.",
    };
  if (Object.keys(git).length === 0)
    return {
      title: NO_REPOSITORY,
      reason: "The script was in no git repository, or disable_git was set.",
    };
  if (part === "commit") return { title: "No commit", reason: "The repository had no commit." };
  if (git.dirty === true)
    return { title: "Not stored", reason: "There were uncommitted changes, and disable_code was set." };
  if (git.dirty !== false)
    return { title: "Not recorded", reason: "Whether there were uncommitted changes is not known." };
  return { title: "No uncommitted changes", reason: "The commit has all of the code." };
}

/**
 * Sentences on what of it was not recorded, or not yet: what has the same reason together.
 * @param parts what a run lacks.
 */
export function lackingText(parts: readonly EnvironmentPart[], circumstances: Circumstances): string[] {
  const byReason = new Map<string, EnvironmentPart[]>();
  for (const part of parts) {
    const { title, reason } = whyNone(part, circumstances);
    if (title !== "Not recorded" && title !== "Not there yet") continue;
    const text = `${title.toLowerCase()}: ${reason}`;
    byReason.set(text, [...(byReason.get(text) ?? []), part]);
  }
  return [...byReason].map(([text, names]) => {
    const list = names.join(", ").replace(/, (?=[^,]*$)/, " and ");
    return `${list[0]!.toUpperCase()}${list.slice(1)} ${text}`;
  });
}

function notesOf(gathered: Noted): string[] {
  return Array.isArray(gathered.notes) ? gathered.notes.map(String) : [];
}

/** Whether a script's environment may still come. */
export function isGathering({ sinceSecs, gathered }: Circumstances): boolean {
  return sinceSecs < GATHERED_SECS && !gathered;
}

function machineOf(all: Noted, host: string | null): NamedFact[] {
  const memory = Number(partOf(all.memory).total);
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
    ["Conda", text(partOf(all.conda).default_env)],
    ["SLURM", slurmOf(partOf(all.slurm))],
    ["torchrun", torchrunOf(partOf(all.torchrun))],
    ["Kubernetes", joined(text(partOf(all.kubernetes).pod), text(partOf(all.kubernetes).namespace))],
    ["Container", text(all.container)],
    ["weft", text(all.weft)],
  ];
  return facts.flatMap(([name, text]) => (text ? [{ name, text }] : []));
}

/** `2 × H100, 80 GB; 1 × A40, 48 GB`: the same ones together. */
function gpuOf(all: Noted): string | null {
  const each = [all.gpu_nvidia, all.gpu_amd].flatMap((gpus) => (Array.isArray(gpus) ? gpus.map(partOf) : []));
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
  for (const kinds of counts)
    for (const [kind, n] of Object.entries(kinds))
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

function partOf(value: unknown): Noted {
  return value !== null && typeof value === "object" ? (value as Noted) : {};
}

function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

function number(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}
