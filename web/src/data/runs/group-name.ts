import { isMissing } from "../filter/tree";
import { valueText } from "../text/value-text";

/** Texts that would read as a number, or as another value. Filters have quotes around them, too. */
const OTHER_VALUE =
  /^([+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?|true|false|null|nan|-?infinity|not set|empty|".*")$/i;

/** The innermost value of a group as text: `resnet50`, `not set`, `256`; of a text `"256"` with its quotes. */
export function groupName(values: readonly unknown[]): string {
  const value = values.at(-1);
  if (isMissing(value)) return "not set";
  if (value === "") return "empty";
  if (typeof value === "string") return OTHER_VALUE.test(value) ? `"${value}"` : value;
  if (value !== null && typeof value === "object" && "_type" in value && "value" in value)
    return String(value.value);
  return valueText(value);
}

/** All values of a `groupId` as text, the outermost first: `adam, 0.001`. */
export function groupIdText(id: string): string {
  return (JSON.parse(id) as unknown[]).map((value) => groupName([value])).join(", ");
}
