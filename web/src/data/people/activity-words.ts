/** The words of activity feeds: an entry as a sentence, with places for its user and its objects. Pure. */

import { formatCount } from "../text/format";

export interface Happening {
  readonly action: string;
  readonly n: number;
  readonly user: string | null;
  readonly note: string | null;
  readonly objects: readonly { readonly id: string; readonly type: string | null }[];
}

/** The sentence `{user}{before}{object}{after}`; of several objects the sentence names their number. */
export interface Sentence {
  readonly before: string;
  readonly after: string;
  /** Whether its object, or several of them, are named. */
  readonly hasObjects: boolean;
}

/** An action as a verb, and the noun of its objects: for one and for many. */
const ACTS: Readonly<Record<string, readonly [verb: string, one: string, many: string]>> = {
  "run.start": ["started", "", "runs"],
  "run.upload": ["uploaded", "", "runs"],
  "run.remove": ["deleted", "", "runs"],
  "run.restore": ["restored", "", "runs"],
  "run.purge": ["permanently deleted", "", "runs"],
  "run.move": ["moved", "", "runs"],
  "run.rename": ["renamed", "", "runs"],
  "run.notes": ["edited the notes of", "", "runs"],
  "run.tags": ["changed the tags of", "", "runs"],
  "view.add": ["shared", "the view ", "views"],
  "view.change": ["changed", "the view ", "views"],
  "view.remove": ["deleted", "the view ", "views"],
  "view.restore": ["restored", "the view ", "views"],
  "report.publish": ["published", "the report ", "reports"],
  "report.remove": ["deleted", "the report ", "reports"],
  "report.restore": ["restored", "the report ", "reports"],
  "report.purge": ["permanently deleted", "the report ", "reports"],
  "artifact.log": ["logged", "", "versions"],
  "artifact.alias": ["changed the aliases of", "", "versions"],
  "artifact.link": ["linked", "", "versions"],
  "artifact.remove": ["deleted", "", "versions"],
  "sweep.start": ["started", "the sweep ", "sweeps"],
  "share.add": ["shared", "", "things by links"],
  "share.revoke": ["revoked", "the link of ", "links"],
};

const RUN_END = /^run\.(finished|failed|crashed|killed|preempted)$/;

/** The state in which runs ended; null: it is about something else. */
export function endOf(action: string): string | null {
  return RUN_END.exec(action)?.[1] ?? null;
}

export function sentenceOf(entry: Happening): Sentence {
  const { action, n, note, objects } = entry;
  const count = n === 1 ? "" : `${formatCount(n)} `;
  const state = endOf(action);
  if (state !== null) {
    const words =
      state === "killed" || state === "preempted" ? `${n === 1 ? "was" : "were"} ${state}` : state;
    return {
      before: n === 1 ? "’s run " : `’s ${count}runs `,
      after: n === 1 ? ` ${words}` : words,
      hasObjects: true,
    };
  }
  if (action === "project.describe")
    return { before: " edited the description of the project", after: "", hasObjects: false };
  if (action === "sweep.end") {
    // who cancels or stops it may be another person than who made it
    if (n === 1 && (note === "cancelled" || note === "stopped"))
      return { before: ` ${note} the sweep `, after: "", hasObjects: true };
    const end = note ?? "ended";
    return {
      before: n === 1 ? "’s sweep " : `’s ${count}sweeps ended`,
      after: n === 1 ? ` ${end}` : "",
      hasObjects: true,
    };
  }
  if (action === "member.add" || action === "member.remove") return memberSentence(entry);
  if (action === "artifact.alias" && note !== null)
    return { before: ` changed the alias ${note} of `, after: "", hasObjects: true };
  const [verb, one, many] = ACTS[action] ?? [action, "", "things"];
  if (n > 1) return { before: ` ${verb} ${count}${many}`, after: "", hasObjects: true };
  const kind = action === "share.add" && objects[0]?.type ? `the ${objects[0].type} ` : one;
  return { before: ` ${verb} ${kind}`, after: action === "share.add" ? " by a link" : "", hasObjects: true };
}

function memberSentence({ action, user, note, objects }: Happening): Sentence {
  const isOwn = objects[0]?.id === user;
  const role = note === null ? "" : ` as ${note}`;
  if (action === "member.add")
    return isOwn
      ? { before: ` joined${role}`, after: "", hasObjects: false }
      : { before: " added ", after: role, hasObjects: true };
  return isOwn
    ? { before: " left the team", after: "", hasObjects: false }
    : { before: " removed ", after: " from the team", hasObjects: true };
}
