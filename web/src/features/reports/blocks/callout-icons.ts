/** The sign of a callout, by its tone. */
export const CALLOUT_ICONS = { info: "info", success: "check", warning: "warn", danger: "warn" } as const;
