/**
 * What a run's `metadata.json` says of its machine and code, also as W&B's client writes it. Pure.
 */

export interface MachineFacts {
  readonly host: string | null;
  readonly system: string | null;
  readonly python: string | null;
  /** How many cores. */
  readonly cpu: number | null;
  readonly gpu: string | null;
  /** The client's version. */
  readonly weft: string | null;
  readonly commit: string | null;
  readonly branch: string | null;
  readonly remote: string | null;
  readonly command: string | null;
  /** Where the command was given. */
  readonly folder: string | null;
}

type Noted = Readonly<Record<string, unknown>>;

export function machineFacts(noted: Noted, host: string | null): MachineFacts {
  const git = part(noted.git);
  const gpus = Array.isArray(noted.gpu_nvidia) ? noted.gpu_nvidia.length : number(noted.gpu_count);
  const gpu = text(noted.gpu);
  return {
    host: host ?? text(noted.host),
    system: text(noted.os),
    python: [text(noted.python), other(text(noted.implementation))].filter(Boolean).join(", ") || null,
    cpu: number(noted.cpu_count),
    gpu: gpu && gpus !== null && gpus > 1 ? `${gpus} × ${gpu}` : gpu,
    weft: text(noted.weft),
    commit: text(git.commit),
    branch: text(git.branch),
    remote: text(git.remote),
    command: commandOf(noted),
    folder: text(noted.cwd) ?? text(noted.root),
  };
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

function part(value: unknown): Noted {
  return value !== null && typeof value === "object" ? (value as Noted) : {};
}

function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

function number(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}
