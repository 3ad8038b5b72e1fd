/** Commands side by side: the arguments that tell them apart. Pure. */

/**
 * Of each command what not all of them have: `… --lr 0.1`, an option with its values as one. Null: it is no text.
 *
 * >  distinctArguments(["python a.py --lr 1 --seed 2", "python a.py --lr 3 --seed 2"])  is  ["… --lr 1", "… --lr 3"]
 */
export function distinctArguments(commands: readonly unknown[]): (string | null)[] {
  const parts = commands.map((command) => (typeof command === "string" ? partsOf(command) : null));
  const sets = parts.flatMap((list) => (list ? [new Set(list)] : []));
  if (sets.length < 2) return commands.map(() => null);
  const isShared = (part: string) => sets.every((set) => set.has(part));
  return parts.map((list) => {
    if (!list) return null;
    const own = list.filter((part) => !isShared(part));
    const hasShared = own.length < list.length;
    return `${hasShared ? "… " : ""}${own.join(" ")}`.trim();
  });
}

/** The words of a command, quoted ones whole, with the values of each option in its part. */
function partsOf(command: string): string[] {
  const words = command.match(/(?:[^\s"']+|"[^"]*"|'[^']*')+/g) ?? [];
  const parts: string[] = [];
  let isOption = false;
  for (const word of words) {
    const begins = /^-{1,2}[A-Za-z]/.test(word);
    if (!begins && isOption) parts[parts.length - 1] += ` ${word}`;
    else parts.push(word);
    isOption ||= begins;
  }
  return parts;
}
