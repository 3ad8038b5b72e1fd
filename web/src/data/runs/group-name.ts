import { isMissing } from "../filter/tree";
import { valueText } from "../text/tree";

/** The innermost value of a group as text: `resnet50`, `not set`. */
export function groupName(values: readonly unknown[]): string {
  const value = values.at(-1);
  if (isMissing(value)) return "not set";
  if (value === "") return "empty";
  if (typeof value === "string") return value;
  if (value !== null && typeof value === "object" && "_type" in value && "value" in value)
    return String(value.value);
  return valueText(value);
}

/** All values of a `groupId` as text, the outermost first: `adam, 0.001`. */
export function groupIdText(id: string): string {
  return (JSON.parse(id) as unknown[]).map((value) => groupName([value])).join(", ");
}
