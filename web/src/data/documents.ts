/** The documents for users: the list of them, the headings of one, and a search over all. Pure. */

import { findWords, type Span, START, wordRank } from "./text/words";

/** A document, as docs/README.md lists it. */
export interface DocumentEntry {
  /** Of its page: `/docs/NAME`. */
  readonly name: string;
  /** Of its text: `/docs/PATH`. */
  readonly path: string;
  readonly title: string;
  readonly about: string;
}

export interface DocumentGroup {
  readonly title: string;
  readonly entries: readonly DocumentEntry[];
}

export interface Heading {
  readonly level: number;
  readonly text: string;
  /** Its anchor, as GitHub makes it. */
  readonly id: string;
  /** Where it is in the document, from 1. */
  readonly line: number;
}

/** Text between two headings of a document. */
export interface Section {
  readonly entry: DocumentEntry;
  /** Null before the first heading. */
  readonly heading: Heading | null;
  readonly text: string;
}

/** A section that has all words that were searched for. */
export interface SectionMatch {
  readonly entry: DocumentEntry;
  readonly heading: Heading | null;
  /** The part of its text around the words, and where they stand in it. */
  readonly excerpt: string;
  readonly spans: readonly Span[];
}

/** Where a document is listed that has no title of its own in the list: the list itself. */
export const CONTENTS: DocumentEntry = { name: "", path: "README.md", title: "Documents", about: "" };

const MAX_MATCHES = 40;
const EXCERPT_CHARS = 110;

/** The groups of docs/README.md, in the order of a reader. */
export function readContents(text: string): DocumentGroup[] {
  const groups: { title: string; entries: DocumentEntry[] }[] = [];
  for (const line of text.split("\n")) {
    const group = /^## (.+)$/.exec(line);
    if (group) groups.push({ title: group[1]!, entries: [] });
    const entry = /^- \[(.+?)\]\(((?:\S+\/)?(\S+)\.md)\): (.+)$/.exec(line);
    if (entry) {
      const [, title, path, name, about] = entry as unknown as [string, string, string, string, string];
      groups.at(-1)?.entries.push({ title, path, name, about });
    }
  }
  return groups;
}

export function headingsOf(text: string): Heading[] {
  const headings: Heading[] = [];
  const nOfSlug = new Map<string, number>();
  for (const [i, line] of linesWithoutCode(text).entries()) {
    const heading = /^(#{1,6}) +(.+?) *$/.exec(line);
    if (!heading) continue;
    const shown = plain(heading[2]!);
    const slug = shown
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_ -]/gu, "")
      .trim()
      .replace(/ /g, "-");
    const n = nOfSlug.get(slug) ?? 0;
    nOfSlug.set(slug, n + 1);
    headings.push({
      level: heading[1]!.length,
      text: shown,
      id: n === 0 ? slug : `${slug}-${n}`,
      line: i + 1,
    });
  }
  return headings;
}

/**
 * Sections in which all typed words are, the best first: pages with the words in their title, then in what the list
 * says of them, then headings, then texts. What a guide explains comes before what the reference lists. Typed whole, a
 * heading that the list names for its page comes before that page.
 */
export function searchSections(sections: readonly Section[], typed: string): SectionMatch[] {
  if (typed.trim() === "") return [];
  const matches: (SectionMatch & { rank: number })[] = [];
  for (const { entry, heading, text } of sections) {
    const isFirst = heading === null || heading.level === 1;
    const name = isFirst ? entry.title : heading.text;
    const about = isFirst ? `${name} ${entry.about}` : "";
    if (!findWords(`${entry.title} ${name} ${about} ${text}`, typed)) continue;
    const has = (part: string) => wordRank(part, typed) <= START;
    const tier = [name, about, text].findIndex(has);
    const isExact = name.toLowerCase() === typed.trim().toLowerCase();
    const ofSection = isExact && has(entry.about) ? OF_LISTED_SECTION : OF_SECTION;
    const rank =
      (tier < 0 ? OTHER_TIER : tier) * 2 + (isFirst ? 0 : ofSection) + (isLookedUp(entry) ? LOOKED_UP : 0);
    const excerpt = excerptOf(text, typed);
    matches.push({ entry, heading, excerpt, spans: spansIn(excerpt, typed), rank });
  }
  return matches.sort((a, b) => a.rank - b.rank).slice(0, MAX_MATCHES);
}

const OTHER_TIER = 3;
/** Puts a heading within a page after what the list says of other pages. */
const OF_SECTION = 3;
/** Puts a heading that was typed whole before its page, for which the list names it. */
const OF_LISTED_SECTION = 1.5;
/** Puts a heading of the reference between what guides are about and what their texts say. */
const LOOKED_UP = 2.5;

/** Whether a page lists names, and explains no task. */
function isLookedUp({ path }: DocumentEntry): boolean {
  return /^(reference|decisions|concepts)\/|-(compatibility|api|format)\.md$/.test(path);
}

/** Where those of the words stand in a text that are in it. */
export function spansIn(text: string, typed: string): readonly Span[] {
  const low = text.toLowerCase();
  const wordsInText = typed
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => low.includes(word));
  return findWords(text, wordsInText.join(" ")) ?? [];
}

/** The sections of a document's Markdown. */
export function sectionsOf(entry: DocumentEntry, text: string): Section[] {
  const lines = text.split("\n");
  const headings = headingsOf(text);
  const begins: (Heading | null)[] = headings[0]?.line === 1 ? headings : [null, ...headings];
  return begins.map((heading, i) => {
    const body = lines
      .slice(heading?.line ?? 0, (begins[i + 1]?.line ?? lines.length + 1) - 1)
      .map((line) => line.replace(/^\s*(?:[-*]|\d+\.) /, ""));
    return { entry, heading, text: plain(body.join(" ")).replace(/\s+/g, " ").trim() };
  });
}

function excerptOf(text: string, typed: string): string {
  const at = spansIn(text, typed)[0]?.[0] ?? 0;
  const from = at < EXCERPT_CHARS / 2 ? 0 : text.indexOf(" ", at - EXCERPT_CHARS / 3) + 1;
  const part = text.slice(from, from + EXCERPT_CHARS);
  return `${from > 0 ? "… " : ""}${part}${from + EXCERPT_CHARS < text.length ? " …" : ""}`;
}

/** The lines of a text, those of code blocks empty. */
function linesWithoutCode(text: string): string[] {
  let isCode = false;
  return text.split("\n").map((line) => {
    const isFence = line.startsWith("```");
    if (isFence) isCode = !isCode;
    return isFence || isCode ? "" : line;
  });
}

/** A Markdown text without its marks. */
function plain(text: string): string {
  return text
    .replace(/<!--.*?-->/g, "")
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/```\w*|\*\*|`/g, "")
    .replace(/\|(?:\s*:?-+:?\s*\|)+/g, " ")
    .replace(/ *\| */g, " · ");
}
