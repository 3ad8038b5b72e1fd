/** The pages about people, in the order of their links. */

import type { IconName } from "@/ui/signs/icons";

interface Section {
  readonly path: string;
  readonly icon: IconName;
  readonly label: string;
}

/** Also shown at `/authorize`, which scripts name. */
export const KEYS_PATH = "/settings/keys";

export const YOUR_SECTIONS: readonly (Section & { readonly isOfAccount: boolean })[] = [
  { path: "/settings", icon: "user", label: "Account", isOfAccount: true },
  { path: KEYS_PATH, icon: "key", label: "Keys", isOfAccount: true },
  { path: "/settings/sessions", icon: "globe", label: "Sessions", isOfAccount: true },
  { path: "/settings/usage", icon: "stats", label: "Usage", isOfAccount: true },
  { path: "/settings/appearance", icon: "sun", label: "Appearance", isOfAccount: false },
];

export const TEAM_SECTIONS: readonly {
  /** '': the first page of a team. */
  readonly section: string;
  readonly icon: IconName;
  readonly label: string;
}[] = [
  { section: "", icon: "people", label: "Members" },
  { section: "service-accounts", icon: "cpu", label: "Service accounts" },
  { section: "activity", icon: "clock", label: "Activity" },
  { section: "projects", icon: "layers", label: "Projects" },
  { section: "usage", icon: "stats", label: "Usage" },
  { section: "settings", icon: "sliders", label: "Settings" },
];

export const SERVER_SECTIONS: readonly (Section & { readonly isForAdmins: boolean })[] = [
  { path: "/settings/people", icon: "people", label: "People", isForAdmins: true },
  { path: "/settings/audit", icon: "clock", label: "Audit", isForAdmins: false },
  { path: "/settings/server", icon: "cpu", label: "Server", isForAdmins: false },
];
