/** Versions by package; where a line names no version, what it says instead. */
export function packageVersions(text: string): ReadonlyMap<string, string> {
  const lines = text.split("\n").map((line) => line.trim());
  return new Map(
    lines
      .filter((line) => line !== "" && !line.startsWith("#"))
      .map((line) => {
        const match = /^([^=@<>~!\s[]+)(?:\[[^\]]*\])?\s*(?:===?|@)?\s*(.*)$/.exec(line);
        return match ? [match[1]!, match[2] || "installed"] : [line, "installed"];
      }),
  );
}
