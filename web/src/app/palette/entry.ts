import type { Run } from "@/api/types";
import type { Span } from "@/data/text/words";
import type { IconName } from "@/ui/signs/icons";

export interface Entry {
  readonly id: string;
  readonly icon: IconName;
  readonly label: string;
  /** Where the typed words stand in the label. */
  readonly spans: readonly Span[];
  readonly meta?: string;
  /** Instead of the icon: the run's color and state. */
  readonly run?: Run;
  /** Keys that choose it at once. */
  readonly keys?: string;
  /** Leads to more entries of its group, and does not count among them. */
  readonly isWay?: boolean;
  choose(): void;
}

export interface EntryGroup {
  readonly name: string;
  readonly entries: readonly Entry[];
  /** Number of matches on the server, of which these are the first. */
  readonly nMatching?: number;
}
