import { tags } from "@lezer/highlight";

/** The same inks as in the terminal. */
export const INK_TAGS = [
  { tag: [tags.keyword, tags.modifier, tags.operatorKeyword, tags.heading], class: "tk-keyword" },
  { tag: [tags.string, tags.special(tags.string), tags.regexp, tags.inserted], class: "tk-string" },
  { tag: [tags.number, tags.bool, tags.null, tags.atom, tags.link, tags.url], class: "tk-number" },
  { tag: [tags.comment, tags.meta, tags.processingInstruction], class: "tk-comment" },
  {
    tag: [tags.function(tags.definition(tags.variableName)), tags.definition(tags.className), tags.tagName],
    class: "tk-name",
  },
  { tag: [tags.propertyName, tags.attributeName], class: "tk-name" },
  { tag: tags.deleted, class: "tk-deleted" },
];
