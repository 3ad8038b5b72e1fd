/** Lists, with Markdown's signs and the usual keys. */

import { BulletList, ListItem, ListKeymap, OrderedList, TaskItem, TaskList } from "@tiptap/extension-list";

const ITEM = { content: "flow*" } as const;
const LIST = { group: "flow list" } as const;

export const LISTS = [
  BulletList.extend({ ...LIST, content: "listItem*" }),
  OrderedList.extend({
    ...LIST,
    content: "listItem*",
    addAttributes: () => ({
      start: {
        default: null,
        parseHTML: (element: HTMLElement) => Number(element.getAttribute("start")) || null,
      },
    }),
  }),
  TaskList.extend({ ...LIST, content: "taskItem*" }),
  ListItem.extend(ITEM),
  TaskItem.extend(ITEM).configure({
    nested: true,
    a11y: {
      checkboxLabel: (node, isChecked) => `${isChecked ? "Done" : "Open"}: ${node.textContent.slice(0, 80)}`,
    },
  }),
  ListKeymap,
];
